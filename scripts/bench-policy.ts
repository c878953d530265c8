// How long judging takes once the facts are there: 10,000 packages under `strict` with what a project's own policy has.
//
//   npm run bench:policy            a table; ends with 1 where a bound is broken
//   npm run bench:policy -- --rules  beside that, the share of every rule
//
// Each row is the median over rounds of one process, by wall and by CPU time, and as a multiple of the unit: one SHA-256
// over 8 MiB in the same rounds, which the load and the speed of the machine slow down as well. The bound on time is that
// of the project's goal; the bound on the multiple holds where the machine is busy.
import { createHash } from 'node:crypto';
import process from 'node:process';
import type { Evidence, LockedPackage, Verification } from '@lockseal/core';
import { evaluate, loadPolicy, type Judgement, type Policy } from '@lockseal/policy';
import { evidenceOf, locked, provenance, signedChecks, verificationOf } from '../test/support/verification.ts';
import { RULE_NAMES } from '../packages/policy/src/rules/table.ts';
import { spreadOf } from './bench/measure.ts';

const PACKAGES = 10_000;
const ROUNDS = 5;
const WARM_UP = 2;
const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const DAY = 86_400_000;
/** Milliseconds of CPU time. */
const MAX_MS = 300;
const MAX_UNITS = 60;

const ago = (days: number): string => new Date(NOW - days * DAY).toISOString();

/** One in eight is proven, one in fifty runs a script, one in twenty is fresh, three in four were updated since the baseline. */
function factsOf(index: number): { readonly entry: LockedPackage; readonly evidence: Evidence } {
  const name = index % 3 === 0 ? `@scope-${index % 40}/package-${index}` : `package-${index}`;
  const entry = locked(name, `1.${index % 10}.0`, index + 1);
  const isProven = index % 8 === 0;
  const published = index % 20 === 0 ? 2 : 200 + (index % 900);
  const proof: Evidence['checks']['provenance'] = isProven
    ? { status: 'verified', ...provenance }
    : { status: 'absent', reason: 'the registry announces none' };
  const evidence = evidenceOf(entry, {
    grade: isProven ? 'proven' : 'signed',
    checks: signedChecks({ provenance: proof }),
    published: { publishedAt: ago(published), publisher: 'maintainer', deprecated: undefined, license: 'MIT' },
    installScripts: {
      proof: 'registry',
      names: index % 50 === 0 ? ['postinstall'] : [],
      sha256: index % 50 === 0 ? createHash('sha256').update(name).digest('hex') : undefined,
    },
    reach: { direct: index % 30 === 0, kind: index % 2 === 0 ? 'prod' : 'dev' },
    change: index % 4 === 0 ? 'unchanged' : 'changed',
    history: {
      status: 'verified',
      publishedAt: ago(published),
      firstPublishedAt: ago(published + 800),
      silence: { from: ago(published + 40), to: ago(published) },
      earlierVersions: 20,
      earlierPublishers: ['maintainer', 'another'],
      previous: {
        version: '1.0.0',
        relation: 'locked',
        publishedAt: ago(published + 40),
        publisher: 'maintainer',
        provenance: proof,
        installScripts: undefined,
        contents: undefined,
      },
    },
  });
  return { entry, evidence };
}

const world = Array.from({ length: PACKAGES }, (_, index) => factsOf(index));
const entries = new Map(world.map(({ entry }) => [entry.id, entry]));
const verification: Verification = verificationOf(
  world.map(({ evidence }) => evidence),
  {
    baseline: { origin: 'the benchmark' },
    trust: { root: { origin: 'tuf', sha256: '67'.repeat(32), asOf: ago(1) }, keys: [] },
  },
);

/** As `policy init` writes it for as many packages, with exceptions and a few rules of its own. */
function projectPolicy(): string {
  const scripted = world.filter(({ evidence }) => evidence.installScripts?.sha256 !== undefined);
  const allow = scripted.map(({ entry, evidence }) => {
    return { package: `${entry.name}@^${entry.version ?? ''}`, sha256: evidence.installScripts?.sha256 };
  });
  const { issuer, repository, repositoryId } = provenance.identity;
  const proven = world.filter(({ evidence }) => evidence.grade === 'proven');
  const waivers = world
    .filter((_, index) => index % 100 === 0)
    .map(({ entry }) => {
      const spec = `${entry.name}@${entry.version ?? ''}`;
      return { package: spec, rule: 'release-age', reason: 'read', who: 'ana', expires: '2026-12-10' };
    });
  return JSON.stringify({
    version: 1,
    extends: 'strict',
    registries: ['https://registry.npmjs.org/'],
    trust: { maxAge: 'P60D' },
    rules: { 'install-scripts': { level: 'error', allow } },
    overrides: Array.from({ length: 20 }, (_, index) => {
      return { packages: [`@scope-${index}/*`], rules: { 'release-age': { minAge: 'P1D' } } };
    }),
    identities: Object.fromEntries(proven.map(({ entry }) => [entry.name, { issuer, repository, repositoryId }])),
    custom: [
      { name: 'licences', when: '!(pkg.license in ["MIT", "ISC"])', message: 'Not on the list.' },
      {
        name: 'first-release',
        when: 'change.earlierVersions > 0 && !(pkg.publisher in change.earlierPublishers)',
        message: 'Nobody knows this account.',
      },
      {
        name: 'scope',
        when: 'pkg.scope == "@acme" && !pkg.registry.startsWith("https://npm.acme.example/")',
        message: 'Ours.',
      },
    ],
    waivers,
  });
}

async function load(text: string): Promise<Policy> {
  const loaded = await loadPolicy({ file: 'lockseal.json', text }, { now: NOW, read: async () => undefined });
  if (loaded.status === 'ok') return loaded.policy;
  throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
}

function judgeWith(policy: Policy): Judgement {
  return evaluate(verification, policy, {
    describe: (id) => entries.get(id) ?? locked('unknown', undefined),
    pathTo: (id) => ['.', id],
  });
}

interface Row {
  readonly name: string;
  readonly run: () => unknown;
}

/** All in turn, round after round: median milliseconds of CPU and wall time. */
function measure(rows: readonly Row[]): ReadonlyMap<string, { readonly cpu: number; readonly wall: number }> {
  const times = new Map(rows.map(({ name }) => [name, { cpu: [] as number[], wall: [] as number[] }]));
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const { name, run } of rows) {
      const [started, used] = [performance.now(), process.cpuUsage()];
      run();
      const { user, system } = process.cpuUsage(used);
      if (round < 0) continue;
      times.get(name)?.cpu.push((user + system) / 1000);
      times.get(name)?.wall.push(performance.now() - started);
    }
  }
  return new Map(
    [...times].map(([name, { cpu, wall }]) => [name, { cpu: spreadOf(cpu).median, wall: spreadOf(wall).median }]),
  );
}

const filler = Buffer.alloc(8 * 1024 * 1024, 7);
const unit: Row = { name: 'unit', run: () => createHash('sha256').update(filler).digest('hex') };
const [strict, project] = [await load('version: 1\nextends: strict\n'), await load(projectPolicy())];
const rows: Row[] = [
  unit,
  { name: 'strict', run: () => judgeWith(strict) },
  { name: "strict, and a project's own policy", run: () => judgeWith(project) },
];
if (process.argv.includes('--rules')) {
  for (const rule of RULE_NAMES) {
    const only = {
      ...project,
      overrides: [],
      custom: [],
      waivers: [],
      rules: new Map([...project.rules].filter(([name]) => name === rule)),
    };
    rows.push({ name: rule, run: () => judgeWith(only) });
  }
}
const { findings, waived } = judgeWith(project);
console.log(`${PACKAGES} packages: ${findings.length} findings, ${waived.length} waived\n`);
const times = measure(rows);
const unitMs = times.get('unit')?.cpu ?? Number.NaN;
console.log('CPU ms  wall ms  units');
for (const [name, { cpu, wall }] of times) {
  console.log(
    `${cpu.toFixed(1).padStart(6)}  ${wall.toFixed(1).padStart(7)}  ${(cpu / unitMs).toFixed(1).padStart(5)}  ${name}`,
  );
}
const broken = [...times].filter(([name, { cpu }]) => name !== 'unit' && cpu > MAX_MS && cpu / unitMs > MAX_UNITS);
for (const [name] of broken) console.error(`${name} takes more than ${MAX_MS} ms and more than ${MAX_UNITS} units`);
process.exitCode = broken.length === 0 ? 0 : 1;
