// The plugin by itself, with a Yarn that is none; test/managers/git-berry.matrix.ts has the real one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { writeYarnGuard } from '../../src/run/yarn-guard.ts';

/** Loads the plugin twice, as Yarn asks for its configuration twice, and says what is left of a manifest's scripts. */
const YARN = `
class Manifest { constructor() { this.scripts = new Map(); } load(raw) { this.raw = raw; this.scripts.set('prepack', 'evil'); } }
class Project { async install() { return 'installed'; } }
const [guard] = process.argv.slice(2);
for (let time = 0; time < 2; time++) require(guard).factory(() => (process.env.BARE ? {} : { Manifest, Project }));
const manifest = new Manifest();
manifest.load({ scripts: 'kept' });
const told = (installed) => console.log(manifest.scripts.size, manifest.raw.scripts, installed, process.env.YARN_IGNORE_PATH);
new Project().install().then(told, (error) => told(error.message));
`;

interface Clone {
  readonly settings?: string;
  readonly above?: string;
  readonly words?: readonly string[];
  readonly inProject?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

async function load(t: TestContext, { settings, above, words = ['pack'], inProject = false, env = {} }: Clone) {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "lockseal-it's $& a guard-")));
  t.after(() => fs.rmSync(base, { recursive: true }));
  const [project, clone] = [path.join(base, 'project'), path.join(base, 'clone/packages/one')];
  for (const folder of [project, clone]) fs.mkdirSync(folder, { recursive: true });
  if (settings !== undefined) fs.writeFileSync(path.join(clone, '.yarnrc.yml'), settings);
  if (above !== undefined) fs.writeFileSync(path.join(base, 'clone/.yarnrc.yml'), above);
  const guard = await writeYarnGuard(base, project);
  const program = path.join(base, 'yarn.cjs');
  fs.writeFileSync(program, YARN);
  const { stdout, stderr } = spawnSync(process.execPath, [program, guard, ...words], {
    cwd: inProject ? project : clone,
    env,
    encoding: 'utf8',
  });
  return { stdout: stdout.trim(), stderr };
}

describe('the guard of Yarn', () => {
  test('leaves the project as it is, and lets no Yarn that it starts look for another', async (t) => {
    const { stdout, stderr } = await load(t, { inProject: true, words: ['install'], settings: 'plugins: []\n' });
    assert.equal(stdout, '1 kept installed true', stderr);
  });

  test('takes the scripts from manifests in a clone, not from what is packed, and installs nothing', async (t) => {
    const { stdout, stderr } = await load(t, { settings: 'nodeLinker: pnp\n', words: ['workspace', 'one', 'pack'] });
    assert.match(
      stdout,
      /^0 kept lockseal runs nothing of a git dependency, and installs nothing for it true$/,
      stderr,
    );
  });

  const refused: readonly (readonly [why: string, clone: Clone, reason: RegExp])[] = [
    ['another command than packing', { words: ['set', 'version', 'classic'] }, /wanted ".* set version classic"/],
    ['installing', { words: ['install'] }, /lets Yarn pack it only/],
    ['plugins', { settings: 'plugins:\n  - ./evil.cjs\n' }, /names plugins/],
    ['plugins in braces', { settings: '{a: 1, plugins: [./evil.cjs]}\n' }, /names plugins/],
    ['plugins by an escape', { settings: '"plug\\x69ns": [./evil.cjs]\n' }, /names plugins/],
    ['plugins by a folded line', { settings: '"plug\\\nins": [./evil.cjs]\n' }, /names plugins/],
    ['plugins of a folder above', { above: 'plugins: [./evil.cjs]\n' }, /names plugins/],
    ['a Yarn that has none of what is changed', { env: { BARE: '1' } }, /TypeError/],
  ];
  for (const [why, clone, reason] of refused) {
    test(`ends Yarn in a clone for ${why}`, async (t) => {
      const { stdout, stderr } = await load(t, clone);
      assert.equal(stdout, '');
      assert.match(stderr, reason);
    });
  }
});
