// A thread of its own that reads tarballs: see reading-pool.ts. Started as a file, never imported.
import { parentPort, type MessagePort } from 'node:worker_threads';
import type { TarballFacts } from '@lockseal/core';
import { readWhole } from './read-whole.ts';
import type { ReadingAnswer, ReadingTask } from './reading-pool.ts';

if (parentPort !== null) answerAt(parentPort);

function answerAt(port: MessagePort): void {
  port.on('message', ({ id, bytes, options }: ReadingTask) => {
    void readOrLeave(bytes, options).then((facts) => port.postMessage({ id, facts } satisfies ReadingAnswer));
  });
}

/** What fails here is left to who asked: the error that it fails with must be made there. */
async function readOrLeave(bytes: Uint8Array, options: ReadingTask['options']): Promise<TarballFacts | undefined> {
  try {
    return await readWhole([bytes], options);
  } catch {
    return undefined;
  }
}
