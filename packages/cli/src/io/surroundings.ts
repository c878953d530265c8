import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Surroundings } from '@lockseal/signer/enforce';
import { FILE_BYPASSES, userFile, variableBypasses, type User } from './bypasses.ts';

const MAX_BYTES = 16 * 1024 * 1024;

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

/**
 * What lies beside a lockfile, or is set by the user or the environment, and would make an installation heed something
 * else. Missing files are no objection. What a project's file sets goes before the user's file of that name.
 */
export async function lookAround(lockfile: string, user: User): Promise<Surroundings> {
  const directory = path.dirname(lockfile);
  const names = new Set(await readdir(directory));
  const shadowing = LOCKFILES.filter((name) => name !== path.basename(lockfile) && names.has(name));
  const about = FILE_BYPASSES.filter(({ lockfiles }) => lockfiles.test(path.basename(lockfile)));
  const files = new Set(about.map(({ file }) => file));
  const found = await Promise.all(
    [...files].map(async (file) => {
      const settings = about.filter((each) => each.file === file).map(({ setting }) => setting);
      const own = names.has(file) ? await readFile(path.join(directory, file), 'utf8') : '';
      const place = userFile(file, user);
      const theirs = place === undefined || path.dirname(place) === directory ? '' : await readIfThere(place);
      const keys = new Set(own.split('\n').map(keyOf));
      const left = theirs.split('\n').filter((line) => !keys.has(keyOf(line)));
      return [
        ...matchesIn(own, settings).map((setting) => ({ file, setting })),
        ...matchesIn(left.join('\n'), settings).map((setting) => ({ file: place ?? file, setting })),
      ];
    }),
  );
  const variables = variableBypasses(lockfile, user.env).map((setting) => ({ file: 'the environment', setting }));
  return { shadowing, bypasses: [...found.flat(), ...variables] };
}

function matchesIn(text: string, settings: readonly RegExp[]): readonly string[] {
  return [...new Set(settings.flatMap((setting) => [...text.matchAll(setting)].map(([line]) => line.trim())))];
}

/** What a line of these files sets, whatever to. */
function keyOf(line: string): string {
  return /^\s*[^=:\s]+/.exec(line)?.[0].trim() ?? '';
}

/** A user's file that cannot be read sets nothing: package managers cannot read it either. */
async function readIfThere(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MAX_BYTES) return '';
  return readFile(file, 'utf8').catch(() => '');
}
