import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { LockfileFormat } from '@lockseal/core';
import { chooseCommand } from '../../src/install/choose-command.ts';

const base = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-choose-'));
after(() => fs.rmSync(base, { recursive: true, force: true }));

/** A repository whose lockfile lies in `app`, and programs beside it. */
function repository(name: string, files: Readonly<Record<string, string>>): string {
  const root = path.join(base, name, 'repository');
  const programs = path.join(base, name, 'bin');
  for (const folder of [path.join(root, 'app'), path.join(root, 'tool'), programs]) {
    fs.mkdirSync(folder, { recursive: true });
  }
  for (const program of ['pnpm', 'yarn', 'make']) {
    fs.writeFileSync(path.join(programs, program), '', { mode: 0o755 });
  }
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(root, file), text);
  return root;
}

async function choose(
  root: string,
  format: LockfileFormat,
  own: readonly [string, ...string[]] | undefined,
  cwd: string,
): Promise<unknown> {
  type Given = Parameters<typeof chooseCommand>;
  const about = { place: { file: path.join(root, 'app/lock'), root }, lockfile: { format } } as Given[1];
  const console = { cwd: path.join(root, cwd), env: { PATH: path.join(root, '../bin') } } as unknown as Given[2];
  return chooseCommand(own, about, console);
}

const MAKE = ['make'] as const;
const VECTORS = [
  { why: 'in braces', format: 'pnpm', files: { 'app/pnpm-workspace.yaml': '{packages: [], httpsProxy: x}' } },
  { why: 'all of it indented', format: 'pnpm', files: { 'app/pnpm-workspace.yaml': '  packages: []\n  proxy: x\n' } },
  { why: 'with an escape', format: 'pnpm', files: { 'app/pnpm-workspace.yaml': '"https\\u0050roxy": x' } },
  { why: 'merged', format: 'pnpm', files: { 'app/pnpm-workspace.yaml': 'a: &a\n  httpsProxy: x\n<<: *a' } },
  {
    why: 'whose key is quoted',
    format: 'yarn-berry',
    files: { 'app/.yarnrc.yml': '"networkSettings": {"*": {httpsProxy: x}}' },
  },
  {
    why: 'in a folder above',
    format: 'yarn-berry',
    files: { '.yarnrc.yml': 'networkSettings:\n  "*":\n    httpsProxy: x\n' },
  },
  { why: 'in a workspace above', format: 'pnpm', files: { 'pnpm-workspace.yaml': 'httpsProxy: x' } },
  {
    why: "in the folder of one's own command",
    format: 'npm',
    own: MAKE,
    cwd: 'tool',
    files: { 'tool/.yarnrc.yml': 'networkSettings: {"*": {httpsProxy: x}}' },
  },
] as const;

for (const [at, { why, format, files, ...rest }] of VECTORS.entries()) {
  test(`a proxy of the project is refused, ${why}`, async () => {
    const { own, cwd } = { own: undefined, cwd: 'app', ...rest };
    const root = repository(String(at), files);
    await assert.rejects(choose(root, format, own, cwd), { code: 'ERR_MANAGER', message: /past the gate/ });
  });
}

test('what is elsewhere in the project, or says nothing of proxies, is not in the way', async () => {
  const root = repository('harmless', {
    'tool/.yarnrc.yml': 'networkSettings: {"*": {httpsProxy: x}}',
    'app/pnpm-workspace.yaml': 'packages: []\ncatalog:\n  proxy: 1.0.0\n',
    '.yarnrc.yml': 'nodeLinker: node-modules\n',
  });
  await choose(root, 'pnpm', undefined, 'app');
  await choose(root, 'pnpm', MAKE, 'app');
});
