import { spawn } from 'node:child_process';

export interface Spawned {
  /** null: ended by a signal, which the time limit sends too. */
  readonly exitCode: number | null;
  /** Standard output and error together, as they came. */
  readonly output: string;
}

const MAX_OUTPUT = 1024 * 1024;

/** Runs a program to its end. Not spawnSync: the registry that it talks to lives in this process. */
export async function spawned(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env, timeout }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly timeout: number },
): Promise<Spawned> {
  const child = spawn(program, args, { cwd, env, timeout, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT) output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
}
