import { LocksealError } from '@lockseal/core';

/** The members of a JSON object; a Map, so that no key can be mistaken for a member of Object.prototype. */
export type Members = ReadonlyMap<string, unknown>;

/** @throws LocksealError ERR_RESPONSE_INVALID */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return value;
  } catch {
    throw invalid(what, 'is not JSON');
  }
}

export function objectOf(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(what, 'is not an object');
  return new Map(Object.entries(value));
}

export function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(what, 'is not an array');
  return value as unknown[];
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw invalid(what, 'is not a string');
  return value;
}

/** undefined for an absent member. JSON null is a wrong type like any other. */
export function optionalText(value: unknown, what: string): string | undefined {
  return value === undefined ? undefined : textOf(value, what);
}

export function invalid(what: string, problem: string): LocksealError {
  return new LocksealError('ERR_RESPONSE_INVALID', `The registry's answer is not usable: ${what} ${problem}.`);
}
