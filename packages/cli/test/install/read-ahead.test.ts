// What is read while a package manager runs: files of approved tarballs, as the gate hands them out, and nothing on disk.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ApprovedArtifact, HandedOut } from '@lockseal/gate';
import { packTarball } from '@lockseal/testkit';
import type { OpenedGate } from '../../src/gate/open.ts';
import { ReadAhead } from '../../src/install/read-ahead.ts';

interface World {
  readonly opened: OpenedGate;
  readonly artifacts: readonly [ApprovedArtifact, ApprovedArtifact, ApprovedArtifact];
  readonly handedOut: HandedOut[];
  /** sha512 of those whose bytes were asked for. */
  readonly asked: string[];
  readonly start: () => Promise<ReadAhead>;
}

/** Three approved tarballs; the registry has other bytes for the last one. */
function openWorld(t: TestContext): World {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-ahead-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const tarballs = ['a', 'b', 'c'].map((name) =>
    packTarball([{ path: 'package/package.json', content: `{"name":"${name}","version":"1.0.0"}` }]),
  );
  const [a, b, c] = tarballs.map(artifactOf);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  const served = new Map([a, b].map(({ sha512 }, index) => [sha512, tarballs[index]]));
  const handedOut: HandedOut[] = [];
  const asked: string[] = [];
  const tarball = async function* ({ sha512 }: ApprovedArtifact): AsyncGenerator<Uint8Array> {
    asked.push(sha512);
    yield served.get(sha512) ?? Buffer.from('other bytes');
  };
  const gate = { handedOut, tarball: async (artifact: ApprovedArtifact) => tarball(artifact) };
  const opened = { gate, selection: { artifacts: [a, b, c] } } as unknown as OpenedGate;
  const evidence = { useCache: true, cacheDirectory: path.join(folder, 'cache') };
  const console = { env: {}, home: folder, now: () => Date.now() };
  const args = { gate: { evidence } } as unknown as Parameters<typeof ReadAhead.start>[0];
  const start = (): Promise<ReadAhead> =>
    ReadAhead.start(args, opened, console as unknown as Parameters<typeof ReadAhead.start>[2], assert.fail);
  return { opened, artifacts: [a, b, c], handedOut, asked, start };
}

function artifactOf(bytes: Uint8Array): ApprovedArtifact {
  const sha512 = createHash('sha512').update(bytes).digest('hex');
  const none = { registry: undefined, lockedUrl: undefined, path: undefined };
  return { name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0', sha512, entries: ['a'], ...none };
}

function small(artifact: ApprovedArtifact): HandedOut {
  return { artifact, bytes: 1000 };
}

async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; !is(); tries += 1) {
    assert.ok(tries < 2000, 'it never comes');
    await new Promise((resume) => void setTimeout(resume, 5));
  }
}

test('reads what the gate has handed out, asks for nothing else, and ends when it is stopped', async (t) => {
  const { opened, artifacts, handedOut, asked, start } = openWorld(t);
  const ahead = await start();
  const reading = ahead.read(opened);
  handedOut.push(small(artifacts[1]));
  await until(() => ahead.known.size === 1);
  ahead.stop();
  await reading;
  assert.deepEqual([...ahead.known.keys()], [artifacts[1].sha512]);
  assert.deepEqual(asked, [artifacts[1].sha512]);
  assert.deepEqual(
    ahead.known.get(artifacts[1].sha512)?.map((file) => file.path),
    ['package.json'],
  );
  ahead.close();
});

test('bytes that are not the approved ones make nothing known, and keep nothing else from being read', async (t) => {
  const { opened, artifacts, handedOut, start } = openWorld(t);
  const ahead = await start();
  const reading = ahead.read(opened);
  handedOut.push(small(artifacts[2]), small(artifacts[0]));
  await until(() => ahead.known.size === 1);
  ahead.close();
  await reading;
  assert.deepEqual([...ahead.known.keys()], [artifacts[0].sha512]);
});

test('a large tarball is left to the comparison', async (t) => {
  const { opened, artifacts, handedOut, asked, start } = openWorld(t);
  const ahead = await start();
  const reading = ahead.read(opened);
  handedOut.push({ artifact: artifacts[0], bytes: 512 * 1024 + 1 }, { artifact: artifacts[1], bytes: 512 * 1024 });
  await until(() => ahead.known.size === 1);
  ahead.close();
  await reading;
  assert.deepEqual(asked, [artifacts[1].sha512]);
});

test('what an earlier run has read is known without the bytes', async (t) => {
  const { opened, artifacts, handedOut, asked, start } = openWorld(t);
  const first = await start();
  const reading = first.read(opened);
  handedOut.push(small(artifacts[0]));
  await until(() => first.known.size === 1);
  first.close();
  await reading;
  handedOut.length = 0;
  const second = await start();
  const again = second.read(opened);
  await until(() => second.known.size === 1);
  second.close();
  await again;
  assert.deepEqual(second.known, first.known);
  assert.equal(asked.length, 1);
});

test('few packages are not worth a thread', async (t) => {
  const ahead = await openWorld(t).start();
  assert.equal(ahead.thread, undefined);
  ahead.close();
});
