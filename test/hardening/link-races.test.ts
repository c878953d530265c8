// Somebody who may write in the same folder puts a link in the place of a file at every moment that they can: what the
// link leads to is neither written nor read. The file may be refused, or the link be replaced.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { LocksealError } from '@lockseal/core';
import { runs } from '../support/thorough.ts';
import { createFile, replaceFile } from '../../packages/signer/src/store/replace-file.ts';
import { appendApprovals } from '../../packages/signer/src/index.ts';

const POSIX = process.platform === 'win32' ? { skip: 'links need rights there' } : {};
const TURNS = runs(30, 1000);
/** As approvals look, so that whoever reads them through the link would take them along. */
const SECRET = '{"dsseEnvelope":{"payload":"e30=","payloadType":"application/json"},"secret":"of another project"}\n';

interface Place {
  readonly file: string;
  /** Outside the project, and nobody's business. */
  readonly victim: string;
}

function placeOf(t: TestContext): Place {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-links-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  fs.mkdirSync(path.join(directory, 'project'));
  fs.mkdirSync(path.join(directory, 'elsewhere'));
  const victim = path.join(directory, 'elsewhere', 'victim');
  fs.writeFileSync(victim, SECRET);
  return { file: path.join(directory, 'project', 'approvals.jsonl'), victim };
}

/** Between any two steps of whoever writes: a link, or nothing. @returns what ends it, and tells whether any step leaked */
function tamper({ file, victim }: Place): () => boolean {
  const planted = `${file}.planted`;
  const moves: readonly (() => void)[] = [
    () => {
      fs.symlinkSync(victim, planted);
      fs.renameSync(planted, file);
    },
    () => fs.rmSync(file, { force: true }),
    () => fs.symlinkSync(victim, file),
  ];
  let isOver = false;
  let hasLeaked = false;
  const turn = (): void => {
    if (isOver) return;
    try {
      hasLeaked ||= isLeaked({ file, victim });
      moves[Math.floor(Math.random() * moves.length)]?.();
    } catch (thrown) {
      // Somebody else was quicker; there is a next turn.
      assert.match(String((thrown as NodeJS.ErrnoException).code), /^E(?:EXIST|NOENT)$/);
    }
    setImmediate(turn);
  };
  turn();
  return () => {
    isOver = true;
    return hasLeaked;
  };
}

/** Whether the victim was written to, or copied into the project. */
function isLeaked({ file, victim }: Place): boolean {
  if (fs.readFileSync(victim, 'utf8') !== SECRET) return true;
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && fs.readFileSync(file, 'utf8').includes('secret');
}

const WRITERS: readonly (readonly [name: string, write: (file: string, turn: number) => Promise<void>])[] = [
  [
    'approvals',
    (file, turn) =>
      appendApprovals(file, [{ turn, dsseEnvelope: { payload: 'e30=', payloadType: 'application/json' } }]),
  ],
  ['a file that is replaced', (file, turn) => replaceFile(file, `${turn}`)],
  ['a file that must be new', (file, turn) => createFile(file, `${turn}`)],
];

describe('a link that comes and goes', POSIX, () => {
  for (const [name, write] of WRITERS) {
    test(`in the place of ${name}: what it leads to stays as it is, and is copied nowhere`, async (t) => {
      const place = placeOf(t);
      const end = tamper(place);
      let refused = 0;
      for (let turn = 0; turn < TURNS; turn += 1) {
        await write(place.file, turn).catch((thrown: unknown) => {
          const { code } = thrown as NodeJS.ErrnoException;
          assert.ok(thrown instanceof LocksealError || code === 'EEXIST', String(thrown));
          refused += 1;
        });
      }
      assert.equal(end(), false);
      assert.equal(isLeaked(place), false);
      assert.deepEqual(fs.readdirSync(path.dirname(place.victim)), ['victim'], 'nothing is put beside it');
      t.diagnostic(`${TURNS} writes, ${refused} of them refused`);
    });
  }
});
