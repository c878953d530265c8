// Packs of several lockfiles: merged, pruned, and made where not everything can be had.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  compress,
  documentIn,
  openEvidenceProject,
  repack,
  TRUST,
  unpack,
  type EvidenceProject,
} from './support/evidence-project.ts';

let project: EvidenceProject;
let registry: string;

/** Another project of the same registry, in a folder of the first: what is in its lockfile, and no more. */
async function addProject(name: string, dependencies: Record<string, string>): Promise<void> {
  await project.registry.writeProject(project.file(name), { name, dependencies }, { registry });
}

const bytesOf = (name: string): Buffer => fs.readFileSync(project.file(name));

async function run(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await project.run(args);
  assert.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

before(async () => {
  project = await openEvidenceProject();
  registry = fs.readFileSync(project.file('.npmrc'), 'utf8').trim().replace('registry=', '');
  await addProject('a', { express: '^4.0.0' });
  await addProject('b', { debug: '^2.0.0', native: '^1.0.0' });
  for (const name of ['a', 'b']) await run('evidence', 'pack', name, '-o', `${name}.pack`, ...TRUST);
});
after(() => project.close());

describe('packs of two lockfiles', () => {
  test('merge into one that answers for both, in either order', async () => {
    await run('evidence', 'merge', 'a.pack', 'b.pack', '-o', 'ab.pack');
    await run('evidence', 'merge', 'b.pack', 'a.pack', 'a.pack', '--output=ba.pack');
    assert.deepEqual(bytesOf('ba.pack'), bytesOf('ab.pack'));
    for (const name of ['a', 'b']) {
      const alone = await run('verify', name, '--json', '--offline', `--evidence=${name}.pack`, ...TRUST);
      const merged = await run('verify', name, '--json', '--offline', '--evidence=ab.pack', ...TRUST);
      assert.deepEqual(JSON.parse(merged).evidence, JSON.parse(alone).evidence);
    }
  });

  test('neither answers for the other', async () => {
    const { exitCode, stderr } = await project.run(['verify', 'b', '--offline', '--evidence=a.pack', ...TRUST]);
    assert.match(stderr, /ERR_EVIDENCE_MISSING The evidence pack does not hold it: .*native@1\.0\.0/);
    assert.equal(exitCode, 3);
  });

  test('pruned to one lockfile, the merged pack is that pack again, byte by byte', async () => {
    await run('evidence', 'merge', 'a.pack', 'b.pack', '-o', 'whole.pack');
    for (const name of ['a', 'b']) {
      const lockfile = path.join(name, 'package-lock.json');
      await run('evidence', 'prune', 'whole.pack', `--lockfile=${lockfile}`, '-o', 'part.pack', '--offline');
      assert.deepEqual(bytesOf('part.pack'), bytesOf(`${name}.pack`));
    }
  });

  test('contradicting each other are not merged, and the message names what', async () => {
    const other = unpack(project.file('b.pack'));
    documentIn(other, 'debug').manifest.dependencies = [['ms', '9.9.9']];
    fs.writeFileSync(project.file('other.pack'), compress(repack(other)));
    const { exitCode, stderr } = await project.run(['evidence', 'merge', 'a.pack', 'other.pack', '-o', 'never.pack']);
    assert.match(stderr, /ERR_EVIDENCE_CONFLICT[^]*documents debug@2\.6\.9 of http/);
    assert.equal(exitCode, 3);
    assert.equal(fs.existsSync(project.file('never.pack')), false);
  });
});

describe('what cannot be had', () => {
  test('is named, and no pack is written', async () => {
    const mend = project.registry.fault({ route: 'attestations', name: 'debug' }, { type: 'status', status: 500 });
    const args = ['evidence', 'pack', '--no-cache', '-o', 'poor.pack', ...TRUST];
    const refused = await project.run(args);
    assert.match(refused.stderr, /ERR_EVIDENCE_MISSING[^]*attestations debug@2\.6\.9/);
    assert.equal(refused.exitCode, 3);
    assert.equal(fs.existsSync(project.file('poor.pack')), false);

    await run(...args, '--allow-incomplete');
    mend();
    assert.match(await run('evidence', 'show', 'poor.pack'), /1 that could not be had/);
    const report = await run('verify', '--offline', '--evidence=poor.pack', ...TRUST);
    assert.match(report, /evidence-unavailable[^]*ERR_HTTP/);
  });

  test('in one pack comes from another when they are merged', async () => {
    await run('evidence', 'pack', '--no-cache', '-o', 'rich.pack', ...TRUST);
    await run('evidence', 'merge', 'poor.pack', 'rich.pack', '-o', 'both.pack');
    assert.deepEqual(bytesOf('both.pack'), bytesOf('rich.pack'));
  });
});

describe('what is typed wrong', () => {
  const WRONG: readonly (readonly [why: string, args: readonly string[], shows: RegExp])[] = [
    ['no output', ['evidence', 'pack'], /Say where the pack goes/],
    ['one pack to merge', ['evidence', 'merge', 'a.pack', '-o', 'x'], /at least 2/],
    ['no lockfile to prune to', ['evidence', 'prune', 'a.pack', '-o', 'x'], /for which lockfile/],
    ['a digest without a pack', ['verify', `--evidence-digest=sha256:${'0'.repeat(64)}`], /names no file/],
    ['a digest of another kind', ['verify', '--evidence=a.pack', '--evidence-digest=sha512:00'], /is no digest/],
    ['a pack made from a pack', ['evidence', 'pack', '--evidence=a.pack', '-o', 'x'], /not another pack/],
  ];
  for (const [why, args, shows] of WRONG) {
    test(`${why}: exit code 2`, async () => {
      const { exitCode, stderr } = await project.run(args);
      assert.match(stderr, shows);
      assert.equal(exitCode, 2);
    });
  }

  test('a pack that is not there: exit code 3', async () => {
    const { exitCode, stderr } = await project.run(['evidence', 'show', 'nowhere.pack']);
    assert.match(stderr, /ERR_EVIDENCE_PACK The evidence pack could not be read/);
    assert.equal(exitCode, 3);
  });
});
