// Real package managers against a loopback registry: what they lock, lockseal reads and proves; what they install is
// what lockseal read; and what they let pass, lockseal names. Not part of `npm test`: run `npm run test:managers`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test, type TestContext } from 'node:test';
import { readLockfile } from '@lockseal/lockfile';
import { driverOf } from './support/drivers.ts';
import { SET_DIFFERENCES, TRUE_FINDINGS, UNPINNED } from './support/expectations.ts';
import { installedPackages } from './support/installed.ts';
import { lockedHere, lockedPlaces } from './support/locked.ts';
import { MANAGERS, type Manager } from './support/managers.ts';
import { readyManager } from './support/ready-manager.ts';
import { compareWithDocument, renderOutcomes, type Outcome } from './support/outcomes.ts';
import { nameAndVersion, packageRows } from './support/package-rows.ts';
import { attackAll } from './support/run-attacks.ts';
import { lockProject, runManager, writeProject, type Project, type ReadyManager } from './support/run-manager.ts';
import { errorsOf, verifyProject, type VerifyReport } from './support/verify.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
/** npm's package set, which the others are compared with. */
let reference: { readonly sha256: string; readonly rows: ReadonlySet<string> } | undefined;
const outcomes: Outcome[] = [];

before(async () => {
  world = await openWorld();
});
after(async () => world.close());

describe('package managers', { concurrency: 1 }, () => {
  for (const manager of MANAGERS) test(manager.id, async (t) => examine(t, manager));

  test('the table of docs/managers.md', (t) => {
    for (const line of renderOutcomes(outcomes).split('\n')) t.diagnostic(line);
    assert.ok(outcomes.length > 0, 'no package manager ran');
    compareWithDocument(outcomes, outcomes.length === MANAGERS.length);
  });
});

async function examine(t: TestContext, manager: Manager): Promise<void> {
  const ready = await readyManager(t, manager);
  if (ready === undefined) return;
  const project = await lockProject(ready, world);
  const lockfile = fs.readFileSync(project.lockfile, 'utf8');
  const verified = await verifiedGood(project, manager);
  const set = compareSets(verified, manager);
  const installs = await installsWhatIsRead(ready, lockfile);
  const attacks = await attackAll(t, { ready, world }, lockfile);
  const findings = errorsOf(verified);
  outcomes.push({
    manager: manager.id,
    entries: entriesText(verified),
    verified: findings.length === 0 ? verified.verdict : findings.map(({ code }) => `\`${code}\``).join(', '),
    set,
    installs,
    attacks,
  });
}

/** Every entry in exactly one class, every grade as published, and no finding that is not true. */
async function verifiedGood(project: Project, manager: Manager): Promise<VerifyReport> {
  const verified = await verifyProject(project, world, manager.family);
  assert.ok(verified.type === 'report', verified.type === 'error' ? verified.output : '');
  const { report } = verified;
  const found = report.findings.filter(({ level }) => level !== 'note');
  assert.deepEqual(
    found.map(({ level, code, subject }) => `${level} ${code} ${subject}`).sort(),
    TRUE_FINDINGS[manager.family] ?? [],
  );
  assert.deepEqual(report.undecided, []);
  const classes = Object.values(report.counts.classes).reduce((sum, count) => sum + count, 0);
  assert.equal(classes, report.counts.entries);
  assert.equal(report.evidence.length, report.counts.entries, 'entries in are classes out');
  assertGrades(report, manager);
  await withTarballs(project, report, manager);
  return report;
}

/** Reading every tarball finds the same, and proves by it the edges of all that a registry serves. */
async function withTarballs(project: Project, report: VerifyReport, { family }: Manager): Promise<void> {
  const thorough = await verifyProject(project, world, family, ['--tarballs']);
  assert.ok(thorough.type === 'report', thorough.type === 'error' ? thorough.output : '');
  const codes = ({ findings }: VerifyReport): readonly string[] =>
    findings.map(({ code, subject }) => `${code} ${subject}`);
  assert.deepEqual(codes(thorough.report), codes(report));
  assert.deepEqual(thorough.report.undecided, []);
  for (const { purl, class: kind, checks } of thorough.report.evidence) {
    // No tarball can be bound to what the lockfile does not pin.
    const isUnpinned = UNPINNED[family]?.includes(nameAndVersion(purl)) ?? false;
    if (kind === 'registry' && !isUnpinned) assert.equal(checks['edges']?.proof, 'tarball', purl);
  }
}

function assertGrades({ evidence }: VerifyReport, { family }: Manager): void {
  const unpinned = UNPINNED[family] ?? [];
  for (const { purl, class: kind, grade, reason } of evidence) {
    const id = nameAndVersion(purl);
    const isBoundByRegistry = kind === 'registry' && !unpinned.includes(id);
    // What is bundled is as good as the tarball around it.
    const bundled = kind === 'bundled' ? world.grades.get('bundler@1.0.0') : 'unprovable';
    const expected = isBoundByRegistry ? world.grades.get(id) : bundled;
    assert.equal(grade, expected, `${id} (${kind}): ${reason}`);
  }
}

/** npm 10 goes first, and the others must have its set, but for the differences whose reason is known. */
function compareSets(report: VerifyReport, manager: Manager): string {
  const own = { sha256: report.packageSet.sha256, rows: packageRows(report) };
  if (manager.family === 'npm') reference ??= own;
  if (reference === undefined) return 'not compared';
  const { lacks, adds, reason } = SET_DIFFERENCES[manager.family] ?? { lacks: [], adds: [], reason: '' };
  const { rows } = reference;
  assert.deepEqual([...rows].filter((row) => !own.rows.has(row)).sort(), lacks);
  assert.deepEqual([...own.rows].filter((row) => !rows.has(row)).sort(), adds);
  assert.equal(own.sha256 === reference.sha256, reason === '', 'equal rows have equal digests, and others have not');
  return reason === '' ? 'as npm' : `differs: ${reason}`;
}

/** The frozen install puts exactly those packages on disk that the reader says are locked for this platform. */
async function installsWhatIsRead(ready: ReadyManager, text: string): Promise<string> {
  const { frozen, lockfile: name } = driverOf(ready.manager);
  if ('unavailable' in frozen) return `not known: ${frozen.unavailable}`;
  const project = writeProject(ready, world, { [name]: text });
  const { exitCode, output } = await runManager(ready, frozen, project, world, ready.manager.env);
  assert.equal(exitCode, 0, output);
  assert.equal(fs.readFileSync(project.lockfile, 'utf8'), text, 'a frozen install leaves the lockfile as it is');
  const read = readLockfile(name, new TextEncoder().encode(text));
  const found = installedPackages(project.directory);
  if (ready.manager.family === 'npm') {
    const places = found.map(({ place, id }) => `${place} ${id}`);
    assert.deepEqual(places.sort(), lockedPlaces(read));
    return `yes, ${places.length} places`;
  }
  const ids = [...new Set(found.filter(({ isBundled }) => !isBundled).map(({ id }) => id))].sort();
  assert.deepEqual(ids, lockedHere(read));
  return `yes, ${ids.length} packages`;
}

function entriesText({ counts }: VerifyReport): string {
  return Object.entries(counts.classes)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
