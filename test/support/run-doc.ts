// Runs one command of the docs, as the reader would type it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { DocFolder } from './doc-fixtures.ts';
import { docArguments } from './doc-lockseal.ts';
import { runCli } from './run-cli.ts';

const PROGRAM = path.join(import.meta.dirname, 'doc-lockseal.ts');

export interface DocRun {
  readonly exitCode: number;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** Simple lockseal commands run in this process, since a process each takes most of a second; all else in a shell. */
export async function runDocCommand(command: string, folder: DocFolder): Promise<DocRun> {
  const line = fromCheckout(command.replace(/\s+#.*$/, '').trim());
  const words = simpleWords(line);
  // What starts other programs needs the PATH of the machine.
  if (words?.[0] === 'lockseal' && words[1] !== 'install') {
    const args = docArguments(words.slice(1), folder.trustedRoot);
    const { exitCode, stdout, stderr } = await runCli(args, { cwd: folder.cwd, env: { TZ: 'UTC' } });
    return { exitCode, output: stdout + stderr };
  }
  return runShell(line, folder);
}

/** `npm start -- …` and `npm run -s lockseal -- …` are the same command from a checkout (scripts/run.mjs). */
function fromCheckout(line: string): string {
  return line.replace(/^npm (?:start|run -s lockseal) -- /, 'lockseal ');
}

/** The words of a line in which a shell would do nothing but split. */
function simpleWords(line: string): string[] | undefined {
  if (/[|&;<>()$`\\"*?[\]{}~\n]/.test(line)) return undefined;
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** bash, with a `lockseal` on the PATH that does the same as above. */
function runShell(line: string, folder: DocFolder): Promise<DocRun> {
  const bin = path.join(folder.cwd, '.git', 'docs-bin');
  fs.mkdirSync(bin, { recursive: true });
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const words = [process.execPath, '--conditions=@lockseal/source', PROGRAM, folder.trustedRoot];
  fs.writeFileSync(path.join(bin, 'lockseal'), `#!/bin/sh\nexec ${words.map(quoted).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  const child = spawn('bash', ['-euo', 'pipefail', '-c', line], {
    cwd: folder.cwd,
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder.cwd, LANG: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? -1, output: output.stdout + output.stderr }));
  });
}
