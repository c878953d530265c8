// Every fault on every answer of a registry, for packages that are what they should be and for packages that are not: a
// fault may make a verdict worse, it never makes one better.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  createRegistry,
  createSigstore,
  type Fault,
  type NpmLockfile,
  type PublishOptions,
  type RegistryBox,
  type RegistryServer,
  type Route,
} from '@lockseal/testkit';
import { some } from '../support/thorough.ts';
import { LoopbackVerifier, type LoopbackVerdict } from '../support/loopback-verification.ts';

const ROUTES: readonly Route[] = ['version', 'packument', 'attestations', 'keys', 'tarball'];

const FAULTS: Readonly<Record<string, Fault>> = {
  reset: { type: 'reset' },
  stall: { type: 'stall' },
  truncate: { type: 'truncate', bytes: 20 },
  drip: { type: 'drip', bytes: 1, everyMs: 1000 },
  garbage: { type: 'garbage' },
  empty: { type: 'garbage', body: '' },
  'an empty object': { type: 'garbage', body: '{}' },
  null: { type: 'garbage', body: 'null' },
  endless: { type: 'huge', bytes: 10 * 1024 * 1024, gzip: true },
  ...Object.fromEntries(
    some([302, 307, 301, 308] as const, 1).flatMap((status): [string, Fault][] => [
      [`${status} to itself`, { type: 'redirect', to: 'same-host', status }],
      [`${status} to another host`, { type: 'redirect', to: 'http://127.0.0.1:9', status }],
    ]),
  ),
  ...Object.fromEntries(
    some([404, 503, 401, 304, 204, 400, 403, 410, 418, 429, 500, 502, 504], 2).map((status): [string, Fault] => [
      String(status),
      { type: 'status', status },
    ]),
  ),
};

interface Subject {
  readonly what: string;
  readonly publish?: Partial<PublishOptions>;
  readonly lock?: (entry: Record<string, unknown>) => void;
  /** What is wrong beside the fault. */
  readonly beside?: readonly [Route, Fault];
}

const GOOD: Subject = { what: 'a package with all its evidence' };
const ALL_BAD: readonly Subject[] = [
  { what: 'a package whose provenance was altered', publish: { evidence: { provenance: { tamper: 'payload' } } } },
  { what: 'a tarball of other bytes than signed', beside: ['tarball', { type: 'other-bytes' }] },
  {
    what: 'a package that nobody signed',
    publish: { evidence: { signature: false, publishAttestation: false, provenance: false } },
  },
  {
    what: 'a package of other bytes than locked',
    lock: (entry) => (entry['integrity'] = `sha512-${Buffer.alloc(64, 7).toString('base64')}`),
  },
];

const box = await createSigstore();
const worlds = new Map<
  Subject,
  { readonly registry: RegistryBox; readonly server: RegistryServer; readonly lockfile: string }
>();
const BAD = some(ALL_BAD, 2);
for (const subject of [GOOD, ...BAD]) {
  const registry = createRegistry({ sigstore: box });
  registry.publish({ name: 'subject', version: '1.0.0', ...subject.publish });
  const server = await registry.serve();
  const project = { name: 'project', version: '1.0.0', dependencies: { subject: '1.0.0' } };
  const lockfile: NpmLockfile = registry.lockfile('npm-v3', project, { registry: server.url });
  subject.lock?.(lockfile.packages['node_modules/subject'] as Record<string, unknown>);
  if (subject.beside !== undefined) registry.fault({ route: subject.beside[0] }, subject.beside[1]);
  worlds.set(subject, { registry, server, lockfile: JSON.stringify(lockfile) });
}
const verifier = await LoopbackVerifier.create(box);
after(() => Promise.all([...worlds.values()].map(({ server }) => server.close())));

/** Whether nothing more will come, however long one waits. */
const isSilent = (fault: Fault | undefined): boolean => fault?.type === 'stall' || fault?.type === 'drip';

let injected = 0;

async function verdictOf(subject: Subject, route?: Route, fault?: Fault): Promise<LoopbackVerdict> {
  const world = worlds.get(subject);
  assert.ok(world !== undefined);
  const end = fault === undefined || route === undefined ? undefined : world.registry.fault({ route }, fault);
  if (end !== undefined) injected += 1;
  try {
    return await verifier.verify({
      url: world.server.url,
      lockfile: world.lockfile,
      ...(isSilent(fault) && { idleMs: 100 }),
    });
  } finally {
    end?.();
  }
}

/** One route after the other: several faults at once could hide each other. */
async function onEveryRoute(
  subject: Subject,
  fault: Fault,
): Promise<(LoopbackVerdict & { readonly route: Route; readonly subject: Subject })[]> {
  const runs = [];
  for (const route of ROUTES) runs.push({ route, subject, ...(await verdictOf(subject, route, fault)) });
  return runs;
}

describe('without a fault', () => {
  test(`${GOOD.what} passes`, async () => assert.deepEqual(await verdictOf(GOOD), { verdict: 'good', codes: [] }));
  for (const bad of BAD) {
    test(`${bad.what} does not`, async () => assert.notEqual((await verdictOf(bad)).verdict, 'good'));
  }
});

describe('with a fault', () => {
  /**
   * A packument is asked for only where there is no document of the version, and then does as well; a redirect to the
   * host itself is none; keys that TUF gives already need no registry to repeat them.
   */
  const isHarmless = (route: Route, name: string): boolean =>
    route === 'packument' || name.endsWith('to itself') || (route === 'version' && /^4(?:04|10)$/.test(name));

  for (const [name, fault] of Object.entries(FAULTS)) {
    test(`${name}: no verdict is better than without it`, { timeout: 60_000 }, async () => {
      const runs = await Promise.all([GOOD, ...BAD].map((subject) => onEveryRoute(subject, fault)));
      for (const { route, subject, verdict, codes } of runs.flat()) {
        const where = `${name} on ${route}, ${subject.what}: ${verdict} ${codes.join(' ')}`;
        if (subject !== GOOD) assert.notEqual(verdict, 'good', where);
        // Where little time is granted, other answers may be late, too.
        else if (isHarmless(route, name)) assert.ok(verdict === 'good' || isSilent(fault), where);
        else if (route !== 'keys') assert.notEqual(verdict, 'good', where);
      }
    });
  }

  test('a registry where nobody listens', async () => {
    const world = worlds.get(GOOD);
    const { verdict, codes } = await verifier.verify({ url: 'http://127.0.0.1:9/', lockfile: world?.lockfile ?? '' });
    assert.notEqual(verdict, 'good', codes.join(' '));
  });

  test('and that is how many', (t) => {
    t.diagnostic(`${injected} faults injected`);
    assert.equal(injected, Object.keys(FAULTS).length * ROUTES.length * (1 + BAD.length));
  });
});
