import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import {
  createJudge,
  parseTrustedRoot,
  sha512FromIntegrity,
  type EvidenceVerdict,
  type JudgeQuestion,
} from '@lockseal/core';
import { readAttestations } from '@lockseal/registry';
import { createRegistry, createSigstore } from '@lockseal/testkit';
import { WorkerPool, type Judge } from '../../src/evidence/judge-pool.ts';

/** Questions after which threads are started, and packages left from which they are. */
const FIRST = 24;
const LEAST = 150;

interface World {
  readonly rootBytes: Uint8Array;
  /** A good package, one whose attestations are of another, one whose answer is no JSON. */
  readonly questions: readonly JudgeQuestion[];
  /** As judged without any thread. */
  readonly judge: Judge;
}

async function createWorld(): Promise<World> {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  for (const name of ['good', 'other']) registry.publish({ name, version: '1.0.0' });
  const source = registry.evidenceSource();
  const ask = async (name: string, of = name): Promise<JudgeQuestion> => {
    const version = { name, version: '1.0.0', namedRegistry: undefined };
    const document = await source.versionDocument(version);
    const keys = await source.keys(version);
    const served = await source.attestations({ ...version, name: of });
    assert.ok(document.status === 'ok' && keys.status === 'ok' && served.status === 'ok');
    const { dist, publishedAt } = document.value;
    const sha512 = sha512FromIntegrity(dist.integrity ?? '');
    assert.ok(sha512 !== undefined);
    const attestations = Buffer.from(JSON.stringify({ attestations: served.value }));
    const { signatures } = dist;
    return { name, version: '1.0.0', sha512, signatures, publishedAt, keys: keys.value, attestations };
  };
  const good = await ask('good');
  const rootBytes = Buffer.from(JSON.stringify(sigstore.trustedRoot));
  const questions = [good, await ask('good', 'other'), { ...good, attestations: Buffer.from('{') }];
  const judge = createJudge(parseTrustedRoot(rootBytes), (each) => readAttestations(each.attestations, each));
  return { rootBytes, questions, judge };
}

/** Asks until a pool has started its threads, and so answers. */
async function started(pool: WorkerPool, [question]: readonly JudgeQuestion[]): Promise<EvidenceVerdict> {
  assert.ok(question !== undefined);
  for (let asked = 0; asked < FIRST; asked += 1) assert.equal(pool.judge(question, LEAST), undefined);
  for (;;) {
    const answer = pool.judge(question, LEAST);
    if (answer !== undefined) return answer;
    await new Promise(setImmediate);
  }
}

function open(t: TestContext, rootBytes: Uint8Array, here: Judge): WorkerPool {
  const pool = new WorkerPool(rootBytes, here, 2);
  t.after(() => pool.close());
  return pool;
}

describe('a pool of threads that judge', () => {
  test('answers what this thread would answer, good or bad', async (t) => {
    const { rootBytes, questions, judge } = await createWorld();
    const here: string[] = [];
    const pool = open(t, rootBytes, (question) => {
      here.push(question.name);
      return judge(question);
    });
    await started(pool, questions);
    const many = Array.from({ length: 20 }, () => questions).flat();
    const answers = await Promise.all(many.map(async (question) => pool.judge(question, LEAST)));
    assert.deepEqual(answers, many.map(judge));
    const statuses = questions.map((question) => judge(question).attested.provenance.status);
    assert.deepEqual(statuses, ['verified', 'invalid', 'unavailable']);
    assert.ok(here.length < many.length, 'the threads have judged nothing');
  });

  test('threads that cannot judge leave it to this one', async (t) => {
    const { questions, judge } = await createWorld();
    const pool = open(t, Buffer.from('no trusted root'), judge);
    await started(pool, questions);
    const answers = await Promise.all(questions.map(async (question) => pool.judge(question, LEAST)));
    assert.deepEqual(answers, questions.map(judge));
  });

  test('a fault of this thread is told to who asked', async (t) => {
    const { questions } = await createWorld();
    const pool = open(t, Buffer.from('no trusted root'), () => assert.fail('a fault'));
    await assert.rejects(started(pool, questions), /a fault/);
  });

  test('that was released starts anew when it is asked as much again', async (t) => {
    const { rootBytes, questions, judge } = await createWorld();
    const pool = open(t, rootBytes, judge);
    await started(pool, questions);
    pool.release();
    const [question] = questions;
    assert.ok(question !== undefined);
    assert.deepEqual(await started(pool, questions), judge(question));
  });

  for (const [what, threads, left] of [
    ['few packages are left', 2, LEAST - 1],
    ['there is one core', 0, LEAST],
  ] as const) {
    test(`no thread is started where ${what}`, async () => {
      const { rootBytes, questions, judge } = await createWorld();
      const pool = new WorkerPool(rootBytes, judge, threads);
      const many = Array.from({ length: 3 * FIRST }, () => questions).flat();
      for (const question of many) assert.equal(pool.judge(question, left), undefined);
      await new Promise(setImmediate);
      for (const question of many) assert.equal(pool.judge(question, left), undefined);
      pool.close();
    });
  }
});
