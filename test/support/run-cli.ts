import { main, type Console } from 'lockseal';

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with its output caught; no terminal, no colours. */
export async function runCli(
  args: readonly string[],
  {
    cwd,
    env = {},
    signal = new AbortController().signal,
    now = () => Date.now(),
  }: { cwd: string; env?: Console['env']; signal?: AbortSignal; now?: () => number },
): Promise<CliRun> {
  let stdout = '';
  let stderr = '';
  const exitCode = await main(args, {
    cwd,
    env,
    home: cwd,
    stdout: { write: (text: string) => void (stdout += text) },
    stderr: { write: (text: string) => void (stderr += text) },
    now,
    signal,
  });
  return { exitCode, stdout, stderr };
}
