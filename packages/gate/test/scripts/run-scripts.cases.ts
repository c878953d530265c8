import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovedScripts, ScriptOutcome } from '../../src/index.ts';
import type { RunInput } from '../../src/scripts/run-package.ts';
import { runScripts } from '../../src/scripts/run-scripts.ts';

const scripted = (name: string, isOptional: boolean = false): ApprovedScripts =>
  ({ name, isOptional }) as unknown as ApprovedScripts;

/** Runs packages; those in `failing` fail. */
async function run(packages: readonly ApprovedScripts[], failing: readonly string[], signal = new AbortController()) {
  const started: string[] = [];
  const input = { signal: signal.signal } as unknown as RunInput;
  const outcomes = await runScripts(packages, input, async (each): Promise<ScriptOutcome> => {
    started.push(each.name);
    if (each.name === 'abort') signal.abort();
    const result = failing.includes(each.name)
      ? ({ status: 'failed', reason: 'x' } as const)
      : ({ status: 'done' } as const);
    return { package: each, result, writable: [], refusedHosts: [], unset: [] };
  });
  return { started, results: outcomes.map(({ result }) => result.status) };
}

describe('running one package after the other', () => {
  const three = [scripted('a'), scripted('b'), scripted('c')];

  test('all, in the order given', async () => {
    assert.deepEqual(await run(three, []), { started: ['a', 'b', 'c'], results: ['done', 'done', 'done'] });
  });

  test('a failure ends it: those after may build on it', async () => {
    assert.deepEqual(await run(three, ['b']), { started: ['a', 'b'], results: ['done', 'failed', 'skipped'] });
  });

  test('the failure of what the project can do without ends nothing', async () => {
    const some = [scripted('a', true), scripted('b')];
    assert.deepEqual(await run(some, ['a']), { started: ['a', 'b'], results: ['failed', 'done'] });
  });

  test('an interrupt ends it', async () => {
    const some = [scripted('abort'), scripted('b')];
    assert.deepEqual(await run(some, []), { started: ['abort'], results: ['done', 'skipped'] });
  });
});
