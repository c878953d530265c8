import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Surroundings } from '@lockseal/signer/enforce';

/** Every name under which some package manager looks for a lockfile. */
const LOCKFILES: readonly string[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'vlt-lock.json',
];

/** Settings with which the package manager goes by something else than its lockfile. Whole lines, spaces aside. */
const BYPASSES: readonly { readonly file: string; readonly setting: RegExp }[] = [
  {
    file: '.npmrc',
    setting: /^\s*(?:package-lock|shrinkwrap|lockfile|frozen-lockfile)\s*=\s*(?:false|"false"|'false')\s*$/gm,
  },
  { file: '.npmrc', setting: /^\s*package-lock-only\s*=\s*true\s*$/gm },
  { file: '.yarnrc', setting: /^\s*--(?:\*|install|add)\.no-lockfile\b.*$/gm },
  { file: '.yarnrc', setting: /^\s*--(?:install\.)?(?:pure-lockfile|no-lockfile)\b.*$/gm },
  { file: '.yarnrc.yml', setting: /^enableImmutableInstalls:\s*false\s*$/gm },
  { file: 'pnpm-workspace.yaml', setting: /^(?:lockfile|frozenLockfile|preferFrozenLockfile):\s*false\s*$/gm },
  { file: 'bunfig.toml', setting: /^\s*frozenLockfile\s*=\s*false\s*$/gm },
];

/** What lies beside a lockfile and would make an installation heed something else. Missing files are no objection. */
export async function lookAround(lockfile: string): Promise<Surroundings> {
  const directory = path.dirname(lockfile);
  const names = new Set(await readdir(directory));
  const shadowing = LOCKFILES.filter((name) => name !== path.basename(lockfile) && names.has(name));
  const found = await Promise.all(
    BYPASSES.filter(({ file }) => names.has(file)).map(async ({ file, setting }) => {
      const text = await readFile(path.join(directory, file), 'utf8');
      return [...text.matchAll(setting)].map(([line]) => ({ file, setting: line.trim() }));
    }),
  );
  return { shadowing, bypasses: found.flat() };
}
