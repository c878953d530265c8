import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { packTarball } from '@lockseal/testkit';
import { attacksOn, NAMED_BY, type Artifact, type AttackName, type Materials } from './attacks.ts';
import { driverOf } from './drivers.ts';
import { installedPackages } from './installed.ts';
import type { AttackOutcome } from './outcomes.ts';
import { lockProject, runManager, writeProject, type ReadyManager } from './run-manager.ts';
import { errorsOf, verifyProject } from './verify.ts';
import type { World } from './world.ts';

/** Who is attacked, and where. */
interface Stage {
  readonly ready: ReadyManager;
  readonly world: World;
}

/** Makes each attack on a fresh lockfile, and asks the manager and lockseal what they think of it. */
export async function attackAll(
  t: TestContext,
  stage: Stage,
  text: string,
): Promise<Readonly<Record<AttackName, AttackOutcome>>> {
  const { family } = stage.ready.manager;
  const materials = await materialsFor(stage, text);
  const outcome = async (name: AttackName): Promise<AttackOutcome> => {
    const attacked = attacksOn(family)[name](text, materials);
    const both = { manager: await fateOf(t, stage, name, attacked), lockseal: await named(stage, name, attacked) };
    t.diagnostic(`${name}: ${both.manager}; lockseal: ${both.lockseal.join(', ')}`);
    return both;
  };
  return {
    'substituted artifact': await outcome('substituted artifact'),
    'forged edge': await outcome('forged edge'),
    'removed integrity': await outcome('removed integrity'),
  };
}

/** What the frozen install makes of an attacked lockfile; of a refusal, the code that the manager gives. */
async function fateOf(t: TestContext, { ready, world }: Stage, name: AttackName, text: string): Promise<string> {
  const { frozen, lockfile } = driverOf(ready.manager);
  if ('unavailable' in frozen) return 'not known';
  const project = writeProject(ready, world, { [lockfile]: text });
  // Without a hash, whoever serves the tarball decides what it holds.
  const mend = name === 'removed integrity' ? serveOtherLeaf(world) : undefined;
  const { exitCode, output } = await runManager(ready, frozen, project, world, ready.manager.env).finally(mend);
  const leaves = installedPackages(project.directory).filter(({ place }) => /node_modules\/(?:leaf|evil)$/.test(place));
  const texts = leaves.map(({ place }) => fs.readFileSync(path.join(project.directory, place, 'index.js'), 'utf8'));
  const hasEvil = texts.some((each) => each.includes('evil'));
  if (exitCode !== 0) {
    if (hasEvil) t.diagnostic(`${name}: refused, and evil is in node_modules all the same`);
    const [code] = REFUSAL.exec(output) ?? [];
    assert.ok(code !== undefined, `${name}: refused without a known code:\n${output}`);
    return `refused (${code})`;
  }
  if (texts.length === 0) return 'left out';
  return hasEvil ? '**installed evil**' : 'installed the right one';
}

/** Codes of pnpm, npm and Yarn; YN0000 and YN0085 (added, removed) are news and no errors. */
const REFUSAL = /\b(?:ERR_PNPM_[A-Z_]+|EINTEGRITY|YN(?!0000|0085)\d{4})\b/;

/** Returns a function that ends it. */
function serveOtherLeaf(world: World): () => void {
  return world.registry.fault({ name: 'leaf', route: 'tarball' }, OTHER_LEAF);
}

const OTHER_LEAF = {
  type: 'other-bytes',
  bytes: packTarball([
    { path: 'package/package.json', content: '{"name":"leaf","version":"1.0.0","main":"index.js"}\n' },
    { path: 'package/index.js', content: "module.exports = 'evil';\n" },
  ]),
} as const;

/** The codes under which lockseal names the attack, at error level and of the right package. */
async function named({ ready, world }: Stage, name: AttackName, text: string): Promise<readonly string[]> {
  const project = writeProject(ready, world, { [driverOf(ready.manager).lockfile]: text });
  const verified = await verifyProject(project, world, ready.manager.family);
  assert.ok(verified.type === 'report', `${name}: ${verified.type === 'error' ? verified.output : ''}`);
  const { codes, about } = NAMED_BY[name];
  const errors = errorsOf(verified.report);
  const naming = errors.filter(
    ({ code, subject }) => codes.includes(code) && about.includes(subject.replace(/@.*$/, '')),
  );
  const all = errors.map(({ code, subject }) => `${code} ${subject}`).join(', ');
  assert.ok(naming.length > 0, `${name} was not named: ${all}`);
  return [...new Set(naming.map(({ code }) => code))].sort();
}

export async function materialsFor(stage: Stage, text: string): Promise<Materials> {
  const { ready, world } = stage;
  const checksums = ready.manager.family === 'yarn-berry' ? await yarnChecksums(stage, text) : { leaf: '', evil: '' };
  const artifact = (name: 'leaf' | 'evil'): Artifact => {
    const { integrity, shasum } = world[name];
    return { url: `${world.server.url}${name}/-/${name}-1.0.0.tgz`, integrity, shasum, checksum: checksums[name] };
  };
  return { leaf: artifact('leaf'), evil: artifact('evil') };
}

/** As Yarn itself computes them, in a project that asks for `evil` of its own will. */
async function yarnChecksums({ ready, world }: Stage, text: string): Promise<{ leaf: string; evil: string }> {
  const manifest = { name: 'donor', version: '1.0.0', private: true, dependencies: { evil: '1.0.0' } };
  const donor = await lockProject(ready, world, { 'package.json': JSON.stringify(manifest) });
  const of = (name: string, lockfile: string): string => {
    const block = lockfile.split('\n\n').find((each) => each.includes(`resolution: "${name}@npm:1.0.0"`));
    const [, checksum] = /^ {2}checksum: (\S+)$/m.exec(block ?? '') ?? [];
    assert.ok(checksum !== undefined, `Yarn wrote no checksum for ${name}`);
    return checksum;
  };
  return { leaf: of('leaf', text), evil: of('evil', fs.readFileSync(donor.lockfile, 'utf8')) };
}
