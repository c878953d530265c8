import { parseJsonText, StrictJsonError, type JsonRules, type JsonValue } from '@lockseal/core';
import type { LockfileText } from '../text.ts';
import { asLockfileError } from './errors.ts';

/** `jsonc` allows comments and trailing commas, as bun.lock does; everything else is the same. */
export type JsonDialect = 'json' | 'jsonc';

const RULES: Readonly<Record<JsonDialect, JsonRules>> = {
  json: { comments: false, prototypeKeys: false },
  jsonc: { comments: true, prototypeKeys: false },
};

/**
 * Strict JSON, as `parseJsonText` has it, without prototype keys.
 * @throws LocksealError ERR_LOCKFILE_SYNTAX, ERR_LOCKFILE_DUPLICATE_KEY, ERR_LOCKFILE_PROTOTYPE_KEY or
 *   ERR_LOCKFILE_TOO_LARGE, with the position
 */
export function parseJson(source: LockfileText, dialect: JsonDialect): JsonValue {
  try {
    return parseJsonText(source.text, RULES[dialect]);
  } catch (error) {
    if (error instanceof StrictJsonError) throw asLockfileError(source, error);
    throw error;
  }
}
