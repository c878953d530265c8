// A thread of its own that judges evidence: see judge-pool.ts. Started as a file, never imported.
import { parentPort, workerData } from 'node:worker_threads';
import { createJudge, parseTrustedRoot } from '@lockseal/core';
import { readAttestations } from '@lockseal/registry';
import type { JudgeAnswer, JudgeTask, JudgeWorkerData } from './judge-pool.ts';

const { rootBytes } = workerData as JudgeWorkerData;
const judge = createJudge(parseTrustedRoot(rootBytes), (question) => readAttestations(question.attestations, question));

// A fault of ours ends this thread: the pool then leaves the rest to who asked.
parentPort?.on('message', ({ id, question }: JudgeTask) => {
  parentPort?.postMessage({ id, verdict: judge(question) } satisfies JudgeAnswer);
});
