import { homedir } from 'node:os';
import type process from 'node:process';
import type { Console } from './io/console.ts';
import { main } from './main.ts';
import { checkRuntime } from './runtime.ts';

/**
 * Runs the command line of a process and sets its exit code. On an interrupt the run is aborted, its temporary files are
 * removed, and the process ends by that very signal, so that the caller sees what happened.
 */
export async function runProcess(self: typeof process): Promise<void> {
  const interrupt = new AbortController();
  let received: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (received !== undefined) self.exit(EXIT_SIGNALLED);
    received = signal;
    interrupt.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) self.on(signal, onSignal);
  // A reader that has seen enough (`lockseal verify | head`) is no error.
  self.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') self.exit();
    throw error;
  });
  self.exitCode = await runOn(self.versions.node, self.argv.slice(2), {
    cwd: self.cwd(),
    env: self.env,
    home: homedir(),
    stdout: self.stdout,
    stderr: self.stderr,
    now: () => Date.now(),
    signal: interrupt.signal,
    // Asking for standard input makes a stream of it, which most commands do not need.
    get ask() {
      return askAtTerminal(self, interrupt.signal);
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) self.off(signal, onSignal);
  if (received !== undefined) self.kill(self.pid, received);
}

async function runOn(node: string, args: readonly string[], console: Console): Promise<number> {
  try {
    checkRuntime(node);
  } catch (thrown) {
    const { reportError } = await import('./report-error.ts');
    return reportError(thrown, console);
  }
  return main(args, console);
}

/** Questions go to standard error, so that standard output can be a file. */
function askAtTerminal(self: typeof process, signal: AbortSignal): Console['ask'] {
  if (self.stdin.isTTY !== true || self.stderr.isTTY !== true) return undefined;
  return async (question) => {
    const { createInterface } = await import('node:readline/promises');
    const terminal = createInterface({ input: self.stdin, output: self.stderr });
    // While it asks, the terminal sends no signal for Ctrl-C; what is pressed means the same as elsewhere.
    terminal.on('SIGINT', () => self.kill(self.pid, 'SIGINT'));
    try {
      return await terminal.question(question, { signal });
    } finally {
      terminal.close();
    }
  };
}

/** When a second signal comes before the first was dealt with. */
const EXIT_SIGNALLED = 130;
