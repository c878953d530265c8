// What the owner of a TUF repository does over the years, and what somebody who sits between it and its clients could do:
// followed along the chain of roots, or refused, and then what was known before stays in force and a warning says so.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { loadTrust, type TrustMaterial } from '@lockseal/registry';
import { createSigstore, type SigstoreBox, type TufRepository } from '@lockseal/testkit';

const DAY = 24 * 60 * 60_000;
const PAST = new Date('2021-06-01T00:00:00Z');

/** A repository, the mirror that stands before it, and one client with a memory. */
interface Life {
  readonly box: SigstoreBox;
  readonly tuf: TufRepository;
  /** What the mirror answers in place of the genuine file, by path; undefined: 404. */
  readonly answers: Map<string, Buffer | undefined>;
  /** Lists a new key in the repository's target, as a change that a client can be seen to have taken; its id. */
  readonly change: () => string;
  /** The client of this name asks. Its first one has asked once already. */
  /** Where the first client keeps what it knows. */
  readonly memory: string;
  readonly refresh: (client?: string) => Promise<TrustMaterial>;
}

async function live(t: TestContext): Promise<Life> {
  const box = await createSigstore();
  box.addRegistryKey();
  const server = await box.serve();
  const { tuf } = server;
  const answers: Life['answers'] = new Map();
  const mirror = createServer((request, response) => {
    const name = decodeURIComponent(request.url ?? '').slice(1);
    const body = answers.has(name) ? answers.get(name) : tuf.file(name);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-tuf-'));
  t.after(async () => {
    mirror.closeAllConnections();
    mirror.close();
    await server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const rootFile = path.join(folder, 'root.json');
  fs.writeFileSync(rootFile, tuf.rootJson);
  const tufMirror = { url: `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`, rootFile };
  const refresh = (client = 'first'): Promise<TrustMaterial> => {
    const stateDirectory = path.join(folder, client);
    return loadTrust({ offline: false, now: Date.now(), stateDirectory, tufMirror, refreshAfterMs: 0 });
  };
  assert.deepEqual((await refresh()).warnings, []);
  const memory = path.join(folder, 'first', 'tuf');
  return { box, tuf, answers, memory, refresh, change: () => box.addRegistryKey().keyid };
}

function keyids({ registryKeys }: TrustMaterial): string[] {
  return [...new Set(registryKeys.npm.map(({ keyid }) => keyid))];
}

/** A file as it is now, whatever the repository does later. */
function fileOf(tuf: TufRepository, name: string): Buffer {
  const content = tuf.file(name);
  assert.ok(content !== undefined, name);
  return content;
}

describe('a repository that goes on is followed', { concurrency: true }, () => {
  const lives: Readonly<Record<string, (life: Life) => void>> = {
    'with the same root': ({ tuf }) => tuf.refresh(),
    'over one rotation of its root': ({ tuf }) => tuf.rotateRoot(),
    'over ten rotations that a client missed': ({ tuf }) => {
      for (let turn = 0; turn < 10; turn += 1) tuf.rotateRoot();
    },
    'over a root on the way that has expired: only the last must hold': ({ tuf }) => {
      tuf.expire('root', PAST);
      tuf.rotateRoot();
      tuf.expire('root', new Date(Date.now() + DAY));
      tuf.rotateRoot();
    },
  };
  for (const [what, goOn] of Object.entries(lives)) {
    test(what, async (t) => {
      const life = await live(t);
      const key = life.change();
      goOn(life);
      for (const client of ['first', 'one that knows the first root alone']) {
        const trust = await life.refresh(client);
        assert.deepEqual([trust.warnings, trust.trustedRoot.origin], [[], 'tuf'], client);
        assert.ok(keyids(trust).includes(key), client);
      }
    });
  }
});

/** An attack, or a failure that looks like one, on a client that knows the repository as it was before. */
const ATTACKS: Readonly<Record<string, readonly [reason: RegExp, attack: (life: Life) => Promise<void> | void]>> = {
  'a root on the way is missing': [
    /timestamp was signed by 0\/1 keys/,
    ({ tuf, answers }) => {
      tuf.rotateRoot();
      tuf.rotateRoot();
      answers.set('2.root.json', undefined);
    },
  ],
  'the next root is of another repository': [
    /root was signed by 0\/1 keys/,
    async ({ answers }) => {
      const other = await (await createSigstore()).serve();
      other.tuf.rotateRoot();
      for (const name of ['2.root.json', 'timestamp.json']) answers.set(name, fileOf(other.tuf, name));
      await other.close();
    },
  ],
  'the next root is signed by its own key alone, not by the one before': [
    /root was signed by 0\/1 keys/,
    ({ tuf, answers }) => signedBy(tuf, answers, 1),
  ],
  'the next root is signed by the key before alone, not by its own': [
    /root was signed by 0\/1 keys/,
    ({ tuf, answers }) => signedBy(tuf, answers, 0),
  ],
  'the next root is the one after it': [
    /root was signed by 0\/1 keys/,
    ({ tuf, answers }) => {
      tuf.rotateRoot();
      tuf.rotateRoot();
      answers.set('2.root.json', fileOf(tuf, '3.root.json'));
    },
  ],
  'the next root is the present one again': [
    /Expected version 2, got 1/,
    ({ tuf, answers }) => {
      tuf.refresh();
      answers.set('2.root.json', fileOf(tuf, '1.root.json'));
    },
  ],
  ...expired('root', ({ tuf }) => tuf.rotateRoot()),
  ...expired('timestamp', ({ tuf }) => tuf.refresh()),
  ...expired('snapshot', ({ tuf }) => tuf.refresh()),
  ...expired('targets', ({ tuf }) => tuf.refresh()),
  'everything is as it was before (rollback)': [
    /timestamp version 1 is less than current version 2/,
    async ({ tuf, answers, refresh }) => {
      const before = fileOf(tuf, 'timestamp.json');
      tuf.refresh();
      await refresh();
      answers.set('timestamp.json', before);
    },
  ],
  'everything is as it was before the root was rotated (rollback to a lost key)': [
    /timestamp was signed by 0\/1 keys/,
    async ({ tuf, answers, refresh }) => {
      const before = fileOf(tuf, 'timestamp.json');
      tuf.rotateRoot();
      await refresh();
      answers.set('timestamp.json', before);
      for (const name of ['2.root.json', '3.root.json']) answers.set(name, undefined);
    },
  ],
  'an earlier snapshot under a new timestamp': [/Unable to load snapshot/, mixed('snapshot.json')],
  'earlier targets under a new snapshot': [/Unable to load targets/, mixed('targets.json')],
  'a target of which one byte is not what was signed': [
    /hash/i,
    ({ tuf, answers }) => {
      tuf.refresh();
      const { signed } = JSON.parse(fileOf(tuf, '2.targets.json').toString()) as TargetsJson;
      const { hashes } = signed.targets['registry.npmjs.org/keys.json'] ?? { hashes: { sha256: '' } };
      const name = `targets/registry.npmjs.org/${hashes.sha256}.keys.json`;
      answers.set(name, Buffer.from(fileOf(tuf, name).toString().replace('SHA256:', 'SHA257:')));
    },
  ],
};

interface TargetsJson {
  readonly signed: { readonly targets: Readonly<Record<string, { readonly hashes: { readonly sha256: string } }>> };
}

/** The root after the present one with one of its two signatures (0: of the old key, 1: of the new one). */
function signedBy(tuf: TufRepository, answers: Life['answers'], index: number): void {
  tuf.rotateRoot();
  const root = JSON.parse(fileOf(tuf, '2.root.json').toString()) as { readonly signatures: readonly unknown[] };
  assert.equal(root.signatures.length, 2);
  answers.set('2.root.json', Buffer.from(JSON.stringify({ ...root, signatures: [root.signatures[index]] })));
}

function expired(role: 'root' | 'timestamp' | 'snapshot' | 'targets', publish: (life: Life) => void): typeof ATTACKS {
  const attack = (life: Life): void => {
    life.tuf.expire(role, PAST);
    publish(life);
  };
  return { [`the new ${role} has expired`]: [new RegExp(`${role}.json is expired`), attack] };
}

function mixed(name: string): (life: Life) => void {
  return ({ tuf, answers }) => {
    tuf.refresh();
    answers.set(`2.${name}`, fileOf(tuf, `1.${name}`));
  };
}

describe('what is refused leaves in force what was known', { concurrency: true }, () => {
  for (const [what, [reason, attack]] of Object.entries(ATTACKS)) {
    test(what, async (t) => {
      const life = await live(t);
      const known = keyids(await life.refresh());
      const key = life.change();
      await attack(life);
      const trust = await life.refresh();
      assert.match(
        trust.warnings.join('\n'),
        /^ERR_TUF: the trusted root could not be refreshed .*; the tuf one of 20/,
      );
      assert.match(trust.warnings.join('\n'), reason);
      assert.equal(trust.trustedRoot.origin, 'tuf');
      // A rollback is only one for a client that has seen the newer state: it knows the new key already.
      if (!what.includes('rollback')) assert.deepEqual(keyids(trust), known);
      else assert.ok(keyids(trust).includes(key));

      life.answers.clear();
      for (const role of ['root', 'timestamp', 'snapshot', 'targets'] as const) {
        life.tuf.expire(role, new Date(Date.now() + DAY));
      }
      life.tuf.rotateRoot();
      const after = await life.refresh();
      assert.deepEqual(after.warnings, [], 'and a client recovers once the repository is itself again');
      assert.ok(keyids(after).includes(key));
    });
  }
});

describe('a clock that is wrong, or a mirror that stands still', () => {
  test('a frozen repository is believed until its timestamp ends, not longer', async (t) => {
    const life = await live(t);
    const start = Date.now();
    t.mock.timers.enable({ apis: ['Date'], now: start + 364 * DAY });
    assert.deepEqual((await life.refresh()).warnings, []);
    t.mock.timers.setTime(start + 366 * DAY);
    const trust = await life.refresh();
    assert.match(trust.warnings.join(), /ERR_TUF.*is expired/);
    assert.equal(trust.trustedRoot.origin, 'tuf', 'and then what was known, with its age');
    assert.equal(trust.trustedRoot.asOf?.slice(0, 10), new Date(start + 364 * DAY).toISOString().slice(0, 10));
  });

  test('a clock ten years fast refuses what is new and keeps what was known', async (t) => {
    const life = await live(t);
    const key = life.change();
    life.tuf.refresh();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3650 * DAY });
    const trust = await life.refresh();
    assert.match(trust.warnings.join(), /ERR_TUF.*is expired/);
    assert.ok(!keyids(trust).includes(key));
  });

  test('a clock ten years slow takes what is new, and cannot be led back behind it', async (t) => {
    const life = await live(t);
    const before = fileOf(life.tuf, 'timestamp.json');
    const key = life.change();
    life.tuf.refresh();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() - 3650 * DAY });
    assert.ok(keyids(await life.refresh()).includes(key));
    life.answers.set('timestamp.json', before);
    const trust = await life.refresh();
    assert.match(trust.warnings.join(), /ERR_TUF.*version 1 is less than/);
  });
});

describe('a run that is killed while it remembers', { concurrency: true }, () => {
  for (const name of ['root', 'timestamp', 'snapshot', 'targets']) {
    for (const share of [0, 0.5]) {
      test(`${name}.json is cut off at ${share * 100} %: the next run mends it`, async (t) => {
        const life = await live(t);
        const [repository = ''] = fs.readdirSync(life.memory);
        const file = path.join(life.memory, repository, `${name}.json`);
        const whole = fs.readFileSync(file);
        fs.writeFileSync(file, whole.subarray(0, whole.length * share));
        const key = life.change();
        life.tuf.rotateRoot();
        const trust = await life.refresh();
        assert.deepEqual(trust.warnings, []);
        assert.ok(keyids(trust).includes(key));
        JSON.parse(fs.readFileSync(file, 'utf8'));
      });
    }
  }
});
