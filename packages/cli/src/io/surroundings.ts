import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Surroundings } from '@lockseal/signer/enforce';

/** Every name under which some package manager looks for a lockfile. */
export const LOCKFILES: readonly string[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'vlt-lock.json',
];

/** A setting with which the manager of these lockfiles goes by something else. Whole lines, spaces aside. */
interface Bypass {
  readonly lockfiles: RegExp;
  readonly file: string;
  readonly setting: RegExp;
}

const NPM = /^(?:package-lock|npm-shrinkwrap)\.json$/;
const PNPM = /^pnpm-lock(?:\..+)?\.yaml$/;
const YARN = /^yarn\.lock$/;
const BUN = /^bun\.lockb?$/;

const BYPASSES: readonly Bypass[] = [
  { lockfiles: NPM, file: '.npmrc', setting: /^\s*(?:package-lock|shrinkwrap)\s*=\s*(?:false|"false"|'false')\s*$/gm },
  { lockfiles: NPM, file: '.npmrc', setting: /^\s*package-lock-only\s*=\s*true\s*$/gm },
  {
    lockfiles: PNPM,
    file: '.npmrc',
    setting: /^\s*(?:lockfile|frozen-lockfile)\s*=\s*(?:false|"false"|'false')\s*$/gm,
  },
  {
    lockfiles: PNPM,
    file: 'pnpm-workspace.yaml',
    setting: /^(?:lockfile|frozenLockfile|preferFrozenLockfile):\s*false\s*$/gm,
  },
  { lockfiles: YARN, file: '.yarnrc', setting: /^\s*--(?:\*|install|add)\.no-lockfile\b.*$/gm },
  { lockfiles: YARN, file: '.yarnrc', setting: /^\s*--(?:install\.)?(?:pure-lockfile|no-lockfile)\b.*$/gm },
  { lockfiles: YARN, file: '.yarnrc.yml', setting: /^enableImmutableInstalls:\s*false\s*$/gm },
  { lockfiles: BUN, file: 'bunfig.toml', setting: /^\s*frozenLockfile\s*=\s*false\s*$/gm },
];

/** What lies beside a lockfile and would make an installation heed something else. Missing files are no objection. */
export async function lookAround(lockfile: string): Promise<Surroundings> {
  const directory = path.dirname(lockfile);
  const names = new Set(await readdir(directory));
  const shadowing = LOCKFILES.filter((name) => name !== path.basename(lockfile) && names.has(name));
  const found = await Promise.all(
    BYPASSES.filter(({ lockfiles, file }) => names.has(file) && lockfiles.test(path.basename(lockfile))).map(
      async ({ file, setting }) => {
        const text = await readFile(path.join(directory, file), 'utf8');
        return [...text.matchAll(setting)].map(([line]) => ({ file, setting: line.trim() }));
      },
    ),
  );
  return { shadowing, bypasses: found.flat() };
}
