import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { LocksealError, parseStrictJson } from '@lockseal/core';
import { appendApprovals, approvalsFileOf, parseApprovals } from '../../src/index.ts';
import { replaceFile } from '../../src/store/replace-file.ts';

const ENTRY = '{"dsseEnvelope":{"payload":"e30=","payloadType":"application/vnd.in-toto+json"}}';
const line = (n: number): string => ENTRY.replace('{"dsse', `{"n":${n},"dsse`);
const FILE = 'package-lock.json.approvals.jsonl';

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'lockseal-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

describe('a file of approvals', () => {
  test('lies beside the lockfile', () => assert.equal(approvalsFileOf('a/package-lock.json'), `a/${FILE}`));

  test('is read line by line', () => {
    const lines = parseApprovals(Buffer.from(`${line(1)}\n${line(2)}\n`), FILE);
    assert.deepEqual(
      lines.map(({ line: number, payload }) => [number, Buffer.from(payload).toString()]),
      [
        [1, '{}'],
        [2, '{}'],
      ],
    );
  });

  describe('is read the same with its payload cut out as whole', () => {
    const long = Buffer.from('{"a":"payload"}').toString('base64');
    const lines: readonly (readonly [why: string, text: string])[] = [
      ['as we write it', ENTRY],
      ['with spaces', ENTRY.replaceAll(':', ' : ')],
      ['with a longer payload', ENTRY.replace('e30=', long)],
      ['with a payload of nothing', ENTRY.replace('e30=', '')],
      ['with a payload that is escaped', ENTRY.replace('e30=', '\\u0065\\u0033\\u0030=')],
      ['with a payload that is no base64', ENTRY.replace('e30=', '*"*'.replace('"', '\\"'))],
      ['with another payload before it', `{"a":{"payload":"e30="},${ENTRY.slice(1)}`],
      ['with another payload after it', `${ENTRY.slice(0, -1)},"b":{"payload":"e30="}}`],
      ['with the words in a text', `{"a":"\\"payload\\":\\"",${ENTRY.slice(1)}`],
      ['with a key __proto__', `{"__proto__":{"payload":"e30="},${ENTRY.slice(1)}`],
      ['with a payload elsewhere alone', '{"payload":"e30=","dsseEnvelope":{"payloadType":""}}'],
      ['with the payload twice', '{"dsseEnvelope":{"payload":"e30=","payload":"e31=","payloadType":""}}'],
      ['with a key twice beside it', '{"dsseEnvelope":{"payload":"e30=","payloadType":"","payloadType":""}}'],
      ['cut off', ENTRY.slice(0, 30)],
      ['with something behind it', `${ENTRY}x`],
    ];
    for (const [why, text] of lines) {
      test(why, () => {
        const whole = attempt(() => envelopeOf(parseStrictJson(Buffer.from(text))));
        const cut = attempt(() => envelopeOf(parseApprovals(Buffer.from(`${text}\n`), FILE)[0]?.bundle));
        assert.deepEqual(cut, whole);
      });
    }

    /** The envelope, or nothing where it is refused. */
    function attempt<T>(read: () => T): T | undefined {
      try {
        return read();
      } catch (thrown) {
        assert.ok(thrown instanceof SyntaxError || thrown instanceof LocksealError);
        return undefined;
      }
    }

    function envelopeOf(bundle: unknown): unknown {
      const { dsseEnvelope } = bundle as { dsseEnvelope: { payload?: unknown } };
      if (typeof dsseEnvelope.payload !== 'string') throw new SyntaxError('no payload');
      return JSON.stringify(bundle);
    }
  });

  test('may be empty', () => assert.deepEqual(parseApprovals(new Uint8Array(), FILE), []));

  const bad: readonly (readonly [why: string, text: string, code: string, line: number])[] = [
    ['a line of garbage', `${line(1)}\ngarbage\n`, 'ERR_APPROVALS_SYNTAX', 2],
    ['an empty line, which could hide a deletion', `${line(1)}\n\n${line(2)}\n`, 'ERR_APPROVALS_SYNTAX', 2],
    ['a line cut off by a crash', `${line(1)}\n${line(2).slice(0, 40)}`, 'ERR_APPROVALS_SYNTAX', 2],
    ['no line feed at the end: the next line would be glued to it', line(1), 'ERR_APPROVALS_SYNTAX', 1],
    ['JSON that is no bundle', '{}\n', 'ERR_APPROVALS_SYNTAX', 1],
    ['JSON that is no object', '[1]\n', 'ERR_APPROVALS_SYNTAX', 1],
    ['null', 'null\n', 'ERR_APPROVALS_SYNTAX', 1],
    [
      'an envelope whose payload is no text',
      '{"dsseEnvelope":{"payload":1,"payloadType":""}}\n',
      'ERR_APPROVALS_SYNTAX',
      1,
    ],
    ['a key twice, which parsers read differently', `{"a":1,"a":2,${ENTRY.slice(1)}\n`, 'ERR_APPROVALS_SYNTAX', 1],
    ['bytes that are not UTF-8', `${line(1)}\n\u00ff\n`, 'ERR_APPROVALS_SYNTAX', 2],
    ['a byte order mark', `\ufeff${line(1)}\n`, 'ERR_APPROVALS_SYNTAX', 1],
    ['an unfinished merge', `<<<<<<< HEAD\n${line(1)}\n=======\n${line(2)}\n>>>>>>> b\n`, 'ERR_APPROVALS_CONFLICT', 1],
    ['what is left of a merge', `${line(1)}\n=======\n${line(2)}\n`, 'ERR_APPROVALS_CONFLICT', 2],
    ['a line twice', `${line(1)}\n${line(2)}\n${line(1)}\n`, 'ERR_APPROVALS_DUPLICATE', 3],
    ['more lines than anybody approves', `${'x\n'.repeat(10_001)}`, 'ERR_APPROVALS_TOO_LARGE', 10_001],
    ['a line larger than any bundle', `${'x'.repeat(33 * 1024 * 1024)}\n`, 'ERR_APPROVALS_TOO_LARGE', 1],
  ];
  for (const [why, text, code, number] of bad) {
    test(`is refused whole: ${why}`, () => {
      const bytes = text.includes('\u00ff') ? Buffer.from(text, 'latin1') : Buffer.from(text);
      assert.throws(
        () => parseApprovals(bytes, FILE),
        (thrown: unknown) => {
          assert.ok(thrown instanceof LocksealError);
          assert.deepEqual([thrown.code, thrown.details.position?.line, thrown.details.file], [code, number, FILE]);
          return true;
        },
      );
    });
  }

  test('never makes the reader fail without a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseApprovals(bytes, FILE);
        } catch (thrown) {
          assert.ok(thrown instanceof LocksealError && thrown.code.startsWith('ERR_APPROVALS_'));
        }
      }),
    );
  });
});

describe('appending', () => {
  const bundle = (n: number): object => JSON.parse(line(n)) as object;

  test('makes the file, keeps what is there byte by byte, and leaves nothing else behind', async (t) => {
    const directory = await folder(t);
    const file = path.join(directory, FILE);
    await appendApprovals(file, [bundle(1)]);
    const before = await readFile(file, 'utf8');
    await appendApprovals(file, [bundle(2), bundle(3)]);
    const after = await readFile(file, 'utf8');
    assert.ok(after.startsWith(before));
    assert.equal(parseApprovals(Buffer.from(after), file).length, 3);
    assert.deepEqual(await readdir(directory), [FILE]);
  });

  test('adds nothing to a file that is not well-formed, and leaves it as it is', async (t) => {
    const file = path.join(await folder(t), FILE);
    await writeFile(file, 'garbage\n');
    await assert.rejects(appendApprovals(file, [bundle(1)]), { code: 'ERR_APPROVALS_SYNTAX' });
    assert.equal(await readFile(file, 'utf8'), 'garbage\n');
  });

  test('does not add a line that is there already', async (t) => {
    const file = path.join(await folder(t), FILE);
    await appendApprovals(file, [bundle(1)]);
    await assert.rejects(appendApprovals(file, [bundle(1)]), { code: 'ERR_APPROVALS_DUPLICATE' });
    assert.equal(parseApprovals(await readFile(file), file).length, 1);
  });

  test('says so where the folder is not there', async (t) => {
    const file = path.join(await folder(t), 'none', FILE);
    await assert.rejects(appendApprovals(file, [bundle(1)]), { code: 'ERR_APPROVALS_WRITE' });
  });

  test('neither reads nor writes through a symbolic link', async (t) => {
    const directory = await folder(t);
    const [file, elsewhere] = [path.join(directory, FILE), path.join(directory, 'elsewhere')];
    await writeFile(elsewhere, `${line(1)}\n`);
    await symlink(elsewhere, file);
    await assert.rejects(appendApprovals(file, [bundle(2)]), (thrown: unknown) => {
      assert.ok(thrown instanceof LocksealError);
      assert.deepEqual([thrown.code, thrown.details.found], ['ERR_APPROVALS_WRITE', 'it is a symbolic link']);
      return true;
    });
    assert.equal(await readFile(elsewhere, 'utf8'), `${line(1)}\n`);
    assert.deepEqual((await readdir(directory)).sort(), ['elsewhere', FILE]);
  });

  test('by several processes at once loses nothing', async (t) => {
    const file = path.join(await folder(t), FILE);
    const program = path.join(import.meta.dirname, '..', 'support', 'append-process.ts');
    const run = async (process_: number): Promise<void> => {
      const args = ['--conditions=@lockseal/source', '--no-warnings', program, file, String(process_), '5'];
      const child = spawn(process.execPath, args, { stdio: 'inherit' });
      const [code] = (await once(child, 'exit')) as [number];
      assert.equal(code, 0);
    };
    await Promise.all([1, 2, 3].map(run));
    assert.equal(parseApprovals(await readFile(file), file).length, 15);
  });
});

describe('replacing a file', () => {
  test('puts the file where a symbolic link was, and leaves what the link named alone', async (t) => {
    const directory = await folder(t);
    const [file, elsewhere] = [path.join(directory, 'report'), path.join(directory, 'elsewhere')];
    await writeFile(elsewhere, 'theirs');
    await symlink(elsewhere, file);
    await replaceFile(file, 'ours');
    assert.deepEqual([await readFile(file, 'utf8'), await readFile(elsewhere, 'utf8')], ['ours', 'theirs']);
    assert.equal((await lstat(file)).isSymbolicLink(), false);
  });

  test('replaces nothing but files', async (t) => {
    const directory = await folder(t);
    const inside = path.join(directory, 'folder');
    await mkdir(inside);
    for (const file of [inside, '/dev/null']) await assert.rejects(replaceFile(file, 'ours'), /no regular file/);
    assert.deepEqual(await readdir(directory), ['folder']);
    assert.equal((await lstat('/dev/null')).isCharacterDevice(), true);
  });

  test('leaves nothing behind where it fails', async (t) => {
    const directory = await folder(t);
    await assert.rejects(replaceFile(path.join(directory, 'none', 'report'), 'ours'), { code: 'ENOENT' });
    assert.deepEqual(await readdir(directory), []);
  });
});
