import type { ChildProcess } from 'node:child_process';

/**
 * Ends a child that takes longer than that. Node's own `timeout` would keep this process for as long where the child could
 * not be started.
 */
export function endAfter(child: ChildProcess, milliseconds: number, signal: NodeJS.Signals = 'SIGTERM'): void {
  const timer = setTimeout(() => child.kill(signal), milliseconds);
  const forget = (): void => clearTimeout(timer);
  child.once('error', forget);
  child.once('exit', forget);
}
