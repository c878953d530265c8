import { LocksealError, ShapeError, type KeyOrigin, type RegistryKey } from '@lockseal/core';
import { decodeAnswer, decodeKeys, encodeAnswer, encodeKeys, ORIGINS } from './answers.ts';
import { lineOf, malformed, nameOf, valueIn, type PackContent, type PackLine } from './format.ts';
import { answerIn } from './questions.ts';
import { readTrust, trustLine } from './trust.ts';

/** More contradictions than that are counted, not named. */
const MAX_NAMED = 10;

/**
 * Everything that either pack holds. The same question must have the same answer; only what tells when and from where
 * trust was had may differ (then the later and the stronger one stays), and an answer comes before none.
 * Merging is commutative, associative and idempotent, byte by byte.
 * @throws LocksealError ERR_EVIDENCE_CONFLICT naming the questions, ERR_EVIDENCE_PACK
 */
export function mergePacks(a: PackContent, b: PackContent): PackContent {
  const lines = new Map(a.lines);
  const conflicts: string[] = [];
  for (const [id, theirs] of b.lines) {
    const ours = lines.get(id);
    const merged = ours === undefined ? theirs : mergeLines(ours, theirs);
    if (merged === undefined) conflicts.push(nameOf(theirs));
    else lines.set(id, merged);
  }
  if (conflicts.length > 0) throw conflict(conflicts.toSorted());
  return { lockseal: [...new Set([...a.lockseal, ...b.lockseal])].toSorted(), lines };
}

/** The lines of these ids. */
export function prunePack({ lockseal, lines }: PackContent, keep: ReadonlySet<string>): PackContent {
  return { lockseal, lines: new Map([...lines].filter(([id]) => keep.has(id))) };
}

/** @returns undefined where the two contradict each other */
function mergeLines(a: PackLine, b: PackLine): PackLine | undefined {
  if (Buffer.compare(a.text, b.text) === 0) return a;
  if (a.part === 'trust') return mergeTrust(a, b);
  const [isOurs, isTheirs] = [isAnswered(a), isAnswered(b)];
  if (isOurs !== isTheirs) return isOurs ? a : b;
  // Two reasons why nothing could be had: either will do, and it must not matter which pack came first.
  if (!isOurs) return Buffer.compare(a.text, b.text) < 0 ? a : b;
  return a.part === 'keys' ? mergeKeyLines(a, b) : undefined;
}

function isAnswered(line: PackLine): boolean {
  const value = valueIn(line);
  return typeof value === 'object' && value !== null && !Object.hasOwn(value, 'unavailable');
}

function mergeTrust(a: PackLine, b: PackLine): PackLine | undefined {
  const [ours, theirs] = [readTrust(a), readTrust(b)];
  if (ours.sha256 !== theirs.sha256) return undefined;
  const asOf = (ours.asOf ?? '') >= (theirs.asOf ?? '') ? ours.asOf : theirs.asOf;
  return trustLine({ bytes: ours.bytes, origin: stronger(ours.origin, theirs.origin), asOf });
}

/** The same keys with the same validity, whatever said so. */
function mergeKeyLines(a: PackLine, b: PackLine): PackLine | undefined {
  const [ours, theirs] = [keysIn(a), keysIn(b)];
  if (ours?.length !== theirs?.length) return undefined;
  const others = new Map(theirs?.map((key) => [recordOf(key), key]));
  const merged = ours?.map((key) => {
    const other = others.get(recordOf(key));
    return other && { ...key, origin: stronger(key.origin, other.origin) };
  });
  if (merged === undefined || others.size !== ours?.length) return undefined;
  const keys = merged.filter((key) => key !== undefined);
  return keys.length === merged.length ? lineOf(a, encodeAnswer({ status: 'ok', value: keys }, encodeKeys)) : undefined;
}

function keysIn(line: PackLine): readonly RegistryKey[] | undefined {
  try {
    const answer = answerIn(line, (value) => decodeAnswer(value, decodeKeys));
    return answer.status === 'ok' ? answer.value : undefined;
  } catch (cause) {
    if (cause instanceof ShapeError) throw malformed(`${nameOf(line)}: ${cause.message}`, cause);
    throw cause;
  }
}

/** All of a key but where it was had. */
function recordOf({ keyid, usages, spki, validFrom, validUntil }: RegistryKey): string {
  return JSON.stringify([keyid, usages, spki, validFrom ?? null, validUntil ?? null]);
}

function stronger<Origin extends KeyOrigin>(a: Origin, b: Origin): Origin {
  return ORIGINS.indexOf(a) >= ORIGINS.indexOf(b) ? a : b;
}

function conflict(names: readonly string[]): LocksealError {
  const more = names.length - MAX_NAMED;
  return new LocksealError('ERR_EVIDENCE_CONFLICT', 'The evidence packs contradict each other.', {
    found: `${names.slice(0, MAX_NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    hint: 'Make them anew at one time, or find out which one was changed.',
  });
}
