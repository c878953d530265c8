import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Files } from './run-manager.ts';

/** All that package managers may run of a repository that they fetch from. */
const EVENTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'prepack', 'postpack'];

/** Scripts for every one of them that leave the file `ran`. */
export function scriptsThatTouch(ran: string): Readonly<Record<string, string>> {
  return Object.fromEntries(EVENTS.map((event) => [event, `touch ${ran}`]));
}

/** Writes the files over what is there, and commits all of it: names that end with `.sh` may be run. @returns the commit */
export function commitFiles(repository: string, files: Files): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.org', ...args], {
      cwd: repository,
      encoding: 'utf8',
    }).trim();
  fs.mkdirSync(repository, { recursive: true });
  if (!fs.existsSync(path.join(repository, '.git'))) git('init', '--quiet', '--initial-branch=main');
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(repository, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
  git('add', '.');
  git('commit', '--quiet', '--message=worm');
  return git('rev-parse', 'HEAD');
}
