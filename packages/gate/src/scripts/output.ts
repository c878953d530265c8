import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';

/** Characters of the longest line, and of all lines of one script, that are passed on. */
const MAX_LINE = 4096;
const MAX_TEXT = 1_000_000;
/** Milliseconds for what was written before the end to arrive. */
const DRAIN = 1000;

/** Where a child process writes: sockets to hand over to it, whose other ends are read here. */
export interface ChildOutput {
  /** For standard output and error. */
  readonly out: Socket;
  /** For one line with its process id. */
  readonly status: Socket;
  readonly pid: Promise<number>;
  /** Waits for what is on its way, then closes everything. */
  close(): Promise<void>;
}

/**
 * Opens a way for a child's output that passes it on while it runs, line by line, as it is: what a line holds is untrusted.
 * A library that starts the child can be told to give it these, where pipes of its own it would read to the end first.
 * @param file in a private folder: how the names of its sockets begin
 */
export async function openOutput(file: string, onLine: (line: string) => void): Promise<ChildOutput> {
  const lines = new Lines(onLine);
  const [out, outEnd] = await openPair(`${file}.out`);
  const [status, statusEnd] = await openPair(`${file}.status`);
  const decoder = new TextDecoder();
  outEnd.on('data', (chunk: Buffer) => lines.add(decoder.decode(chunk, { stream: true })));
  let told = '';
  const pid = new Promise<number>((resolve) => {
    statusEnd.on('data', (chunk: Buffer) => {
      told = `${told}${chunk.toString()}`.slice(0, 32);
      const number = /^(\d+)\n/.exec(told)?.[1];
      if (number !== undefined) resolve(Number(number));
    });
  });
  return {
    out,
    status,
    pid,
    close: async () => {
      const ended = once(outEnd, 'close');
      out.destroy();
      status.destroy();
      // A process that outlives its script (without a sandbox) may keep its end open for ever.
      const timer = setTimeout(() => outEnd.destroy(), DRAIN);
      await ended;
      clearTimeout(timer);
      statusEnd.destroy();
      lines.end();
    },
  };
}

/** Two ends of one connection. */
async function openPair(file: string): Promise<readonly [theirs: Socket, ours: Socket]> {
  const server = createServer();
  server.listen(file);
  await once(server, 'listening');
  const theirs = connect(file);
  const [ours] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [theirs, ours]) socket.on('error', () => socket.destroy());
  return [theirs, ours];
}

class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';
  #passed = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    const lines = `${this.#rest}${text}`.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) this.#pass(line);
  }

  end(): void {
    if (this.#rest !== '') this.#pass(this.#rest);
    this.#rest = '';
  }

  #pass(line: string): void {
    if (this.#passed > MAX_TEXT) return;
    this.#passed += line.length + 1;
    this.#onLine(this.#passed > MAX_TEXT ? '(what it writes from here on is not shown)' : line.slice(0, MAX_LINE));
  }
}
