import assert from 'node:assert/strict';
import { loadPolicy, type LoadedPolicy, type Policy, type Problem } from '@lockseal/policy';

/** When all these tests take place. */
export const NOW: number = Date.parse('2026-11-22T10:00:00.000Z');

/** Loads a policy from text; `files` is what `extends` can lead to. */
export async function load(text: string, files: Readonly<Record<string, string>> = {}): Promise<LoadedPolicy> {
  const read = async (reference: string): Promise<{ file: string; text: string } | undefined> => {
    const found = files[reference];
    return found === undefined ? undefined : { file: reference, text: found };
  };
  return loadPolicy({ file: 'lockseal.yaml', text }, { now: NOW, read });
}

/** The policy, which must be good. */
export async function policyOf(text: string, files: Readonly<Record<string, string>> = {}): Promise<Policy> {
  const loaded = await load(text, files);
  if (loaded.status === 'invalid') assert.fail(loaded.problems.map(shown).join('\n'));
  return loaded.policy;
}

/** What is wrong with a policy, a line each: `3:5 unknown-rule`. */
export async function problemsOf(
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly Problem[]> {
  const loaded = await load(text, files);
  return loaded.status === 'invalid' ? loaded.problems : [];
}

function shown({ position, code, message }: Problem): string {
  return `${position.line}:${position.column} ${code} ${message}`;
}
