import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

export interface Server {
  /** Base URL with a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** The registry of a world, in a process of its own. */
export async function startServer(world: string): Promise<Server> {
  const script = path.join(import.meta.dirname, 'serve-world.ts');
  const child = spawn(process.execPath, ['--conditions=@lockseal/source', script, world], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => void child.on('exit', () => resolve()));
  for await (const line of child.stdout.setEncoding('utf8')) {
    const close = (): Promise<void> => {
      child.stdin.end();
      return exited;
    };
    return { url: String(line).trim(), close };
  }
  throw new Error('the server of the world did not start');
}
