// A thread of its own that reads and hashes files: see hash-thread.ts. Started as a file, never imported.
import { parentPort, type MessagePort } from 'node:worker_threads';
import type { HashAnswer, HashTask } from './hash-thread.ts';
import { FileReader } from './read-digest.ts';

if (parentPort !== null) hashFor(parentPort);

function hashFor(port: MessagePort): void {
  const reader = new FileReader();
  port.on('message', ({ id, files, claim }: HashTask) => {
    const isFirst = Atomics.exchange(claim, 0, 1) === 0;
    const found = isFirst ? files.map((wanted) => reader.read(wanted)) : undefined;
    port.postMessage({ id, found } satisfies HashAnswer);
  });
}
