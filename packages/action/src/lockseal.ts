import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import type { Environment } from './runner.ts';

/** The command line of this very checkout, never one from the workspace. */
const PROGRAM = path.resolve(import.meta.dirname, '../../cli/bin/lockseal.js');
const MAX_OUTPUT = 4 * 1024 * 1024;

export interface Outcome {
  /** lockseal's own exit codes; 4 where it was ended by a signal. */
  readonly exitCode: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** Runs one lockseal command to its end, in a folder and an environment. */
export type RunLockseal = (args: readonly string[], cwd: string, env: Environment) => Promise<Outcome>;

/** As a process of its own. */
export async function startLockseal(args: readonly string[], cwd: string, env: Environment): Promise<Outcome> {
  const node = [...process.execArgv, PROGRAM, ...args];
  const child = spawn(process.execPath, node, { cwd, env: defined(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT) output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? 4, output }));
  });
}

function defined(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** lockseal reads what strangers wrote: it gets no token, and no file by which a step speaks to later ones. */
export function withoutSecrets(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.test(name)));
}

const SECRET = /^(?:INPUT_.*|ACTIONS_.*|(?:GITHUB|GH)_TOKEN|GITHUB_(?:ENV|OUTPUT|PATH|STATE))$/i;
