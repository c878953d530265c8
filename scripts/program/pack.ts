import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

const root = path.resolve(import.meta.dirname, '../..');
const pnpm = path.join(root, 'scripts', 'bootstrap', 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');

/** Packs the built command. @returns absolute path of the tarball @throws Error */
export function packCli(folder: string): string {
  const cli = path.join(root, 'packages', 'cli');
  const args = [pnpm, 'pack', '--json', '--pack-destination', path.resolve(folder)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: cli, encoding: 'utf8' });
  if (status !== 0) throw new Error(`pnpm pack failed:\n${stdout}${stderr}`);
  const { filename } = JSON.parse(stdout) as { readonly filename: string };
  return path.resolve(folder, filename);
}
