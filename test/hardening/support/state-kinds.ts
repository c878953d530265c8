// The kinds of state that lockseal keeps, each written turn by turn, so that a reader can tell what has been lost.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { loadPolicy } from '@lockseal/policy';
import { readPack, trustIn, trustLine, writePack } from '@lockseal/registry';
import { appendApprovals, parseApprovals } from '../../../packages/signer/src/index.ts';
import { replaceFile } from '../../../packages/signer/src/store/replace-file.ts';
import { idOf } from '../../../packages/registry/src/pack/format.ts';
import { recallTrust, rememberTrust } from '../../../packages/registry/src/trust/tuf.ts';
import { cacheIn } from '../../../packages/registry/test/support/cache.ts';

export interface StateKind {
  /** Whether every turn stays, or the last one alone. */
  readonly keeps: 'all' | 'last';
  readonly write: (directory: string, turn: number) => Promise<void> | void;
  /** The turns that are there, ascending. @throws where anything that is read as the real thing is not whole */
  readonly read: (directory: string) => Promise<readonly number[]>;
}

/** Large enough for a kill to fall into the writing of it. */
const FILLING = 'x'.repeat(300_000);

const approvals: StateKind = {
  keeps: 'all',
  write: (directory, turn) => appendApprovals(approvalsIn(directory), [bundleOf(turn)]),
  read: async (directory) => {
    const lines = parseApprovals(bytesOf(approvalsIn(directory)), 'approvals.jsonl');
    return lines.map(({ bundle }) => (bundle as ReturnType<typeof bundleOf>).turn);
  },
};

function approvalsIn(directory: string): string {
  return path.join(directory, 'approvals.jsonl');
}

function bundleOf(turn: number): { turn: number; filling: string; dsseEnvelope: object } {
  const dsseEnvelope = { payload: 'e30=', payloadType: 'application/vnd.in-toto+json' };
  return { turn, filling: FILLING.slice(0, 20_000), dsseEnvelope };
}

const cache: StateKind = {
  keeps: 'all',
  write(directory, turn) {
    const opened = cacheIn(directory);
    opened.put(`turn ${turn}`, Buffer.from(`${turn}${FILLING}`), { etag: undefined, maxAgeMs: 0 });
    opened.close();
  },
  read: async (directory) => {
    const opened = cacheIn(directory);
    const turns: number[] = [];
    for (let turn = 0; ; turn += 1) {
      const head = opened.head(`turn ${turn}`);
      if (head === undefined) return turns;
      assert.equal(opened.content(head)?.toString(), `${turn}${FILLING}`);
      turns.push(turn);
    }
  },
};

const pack: StateKind = {
  keeps: 'last',
  write(directory, turn) {
    const line = trustLine({ bytes: Buffer.from(`${turn} ${FILLING}`), origin: 'file', asOf: undefined });
    const { bytes } = writePack({ lockseal: ['1.0.0'], lines: new Map([[idOf(line), line]]) });
    return replaceFile(path.join(directory, 'evidence.pack'), bytes);
  },
  read: async (directory) => {
    const { bytes } = trustIn(readPack(bytesOf(path.join(directory, 'evidence.pack'))));
    return [Number(Buffer.from(bytes).toString().split(' ')[0])];
  },
};

const policy: StateKind = {
  keeps: 'last',
  write: (directory, turn) =>
    replaceFile(path.join(directory, 'lockseal.yaml'), `# ${turn}\n# ${FILLING.slice(0, 50_000)}\nversion: 1\n`),
  read: async (directory) => {
    const text = bytesOf(path.join(directory, 'lockseal.yaml')).toString();
    const loaded = await loadPolicy({ file: 'lockseal.yaml', text }, { now: 0, read: async () => undefined });
    assert.equal(loaded.status, 'ok');
    return [Number(text.slice(2, text.indexOf('\n')))];
  },
};

const trust: StateKind = {
  keeps: 'last',
  write: (directory, turn) =>
    rememberTrust(directory, undefined, {
      trustedRoot: Buffer.from(FILLING),
      npmKeys: undefined,
      asOf: new Date(turn).toISOString(),
    }),
  read: async (directory) => {
    const recalled = await recallTrust(directory, undefined);
    assert.equal(recalled?.trustedRoot.toString(), FILLING);
    return [Date.parse(recalled.asOf ?? '')];
  },
};

export const STATE_KINDS: ReadonlyMap<string, StateKind> = new Map(
  Object.entries({ approvals, cache, pack, policy, trust }),
);

function bytesOf(file: string): Buffer {
  return fs.readFileSync(file);
}
