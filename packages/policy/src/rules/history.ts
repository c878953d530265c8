import type { FindingCode, HistoryFacts } from '@lockseal/core';
import type { OpenQuestion, Subject } from './rule.ts';

/**
 * The history of a registry package, for rules that need it: undefined where there can be none, an open question where
 * it could not be had.
 */
export function historyOf({ evidence }: Subject, code: FindingCode): HistoryFacts | OpenQuestion | undefined {
  const { history } = evidence;
  if (evidence.class !== 'registry' || history === undefined) return undefined;
  if (history.status === 'verified') return history;
  if (history.status === 'unavailable') {
    return { code, open: { check: 'history', error: history.error, reason: history.reason } };
  }
  return undefined;
}

export function isOpen(value: object): value is OpenQuestion {
  return 'open' in value;
}

/** The baseline locks the same version: it was looked at when it was accepted. */
export function isUnchanged({ evidence }: Subject): boolean {
  return evidence.change === 'unchanged';
}
