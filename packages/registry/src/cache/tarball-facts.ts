import { deserialize, serialize } from 'node:v8';
import type { TarballExtra, TarballFacts } from '@lockseal/core';
import type { Cache } from './store.ts';

/** Raised whenever `readTarball` changes what it tells, so that no older reading is taken for a new one. */
const READER = 'r3';

interface Filed {
  /** What was computed beside the rest: a list that exceeds its bound is not asked for again. */
  readonly extras: readonly TarballExtra[];
  readonly facts: TarballFacts;
}

/**
 * What is known of a tarball by its sha512 (lower-case hex); undefined: nothing, nothing usable, or not all that is
 * asked for.
 */
export function getTarballFacts(
  cache: Cache | undefined,
  sha512: string,
  extras: readonly TarballExtra[] = [],
): TarballFacts | undefined {
  const filed = getFiled(cache, sha512);
  return extras.every((extra) => filed?.extras.includes(extra)) ? filed?.facts : undefined;
}

/** Adds to what is known of the same bytes. @param extras what the facts were computed with */
export function putTarballFacts(cache: Cache | undefined, facts: TarballFacts, extras: readonly TarballExtra[]): void {
  const known = getFiled(cache, facts.sha512);
  if (known !== undefined && holds(known, facts, extras)) return;
  const all = known === undefined ? { extras, facts } : merge(known, { extras, facts });
  // Structured clone data, since the facts hold Maps and Sets.
  cache?.putRecord(nameOf(facts.sha512), serialize(all satisfies Filed));
}

function getFiled(cache: Cache | undefined, sha512: string): Filed | undefined {
  const cached = cache?.record(nameOf(sha512));
  if (cached === undefined) return undefined;
  try {
    const filed: unknown = deserialize(cached);
    return isFiled(filed) && filed.facts.sha512 === sha512 ? filed : undefined;
  } catch {
    // Written by a newer Node: as good as absent, and replaced when the tarball is read again.
    return undefined;
  }
}

function holds(known: Filed, { yarnZip }: TarballFacts, extras: readonly TarballExtra[]): boolean {
  const isAsked = extras.every((extra) => known.extras.includes(extra));
  return isAsked && [...yarnZip.keys()].every((key) => known.facts.yarnZip.has(key));
}

/** Both are of the same bytes, so that what both tell is the same. */
function merge(known: Filed, { extras, facts }: Filed): Filed {
  return {
    extras: [...new Set([...known.extras, ...extras])],
    facts: {
      ...facts,
      sha1: facts.sha1 ?? known.facts.sha1,
      tarSha512: facts.tarSha512 ?? known.facts.tarSha512,
      list: facts.list ?? known.facts.list,
      yarnZip: new Map([...known.facts.yarnZip, ...facts.yarnZip]),
    },
  };
}

function nameOf(sha512: string): string {
  return `tarball-facts:${READER}:${sha512}`;
}

/** The seal tells our records from anything else, these members tell facts from other records of ours. */
function isFiled(value: unknown): value is Filed {
  if (typeof value !== 'object' || value === null || !('facts' in value && 'extras' in value)) return false;
  const { facts, extras } = value;
  if (typeof facts !== 'object' || facts === null || !Array.isArray(extras)) return false;
  return 'sha512' in facts && 'manifest' in facts && 'yarnZip' in facts && facts.yarnZip instanceof Map;
}
