// A thread of its own that judges evidence: see judge-pool.ts. Started as a file, never imported.
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { createJudge, parseTrustedRoot } from '@lockseal/core';
import { readAttestations } from '@lockseal/registry';
import type { JudgeAnswer, JudgeTask, JudgeWorkerData } from './judge-pool.ts';

if (parentPort !== null) judgeFor(parentPort, workerData as JudgeWorkerData);

/** A fault of ours ends this thread: the pool then leaves the rest to who asked. */
function judgeFor(port: MessagePort, { rootBytes }: JudgeWorkerData): void {
  // Nobody reads a stack of this thread, and Node throws and catches four errors for every key that it decodes.
  Error.stackTraceLimit = 0;
  const judge = createJudge(parseTrustedRoot(rootBytes), (question) =>
    readAttestations(question.attestations, question),
  );
  port.on('message', ({ id, question }: JudgeTask) => {
    port.postMessage({ id, verdict: judge(question) } satisfies JudgeAnswer);
  });
}
