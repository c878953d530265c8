import { canonicalize, type Json } from '@lockseal/core';
import { DEFAULT_MEMORY, DEFAULT_TIMEOUT, GRANTS } from './script-grants.ts';

type Table = { readonly [member: string]: Json };

/**
 * Whether options of the rule `install-scripts` allow every script that others do, and each to do no less. Of what an
 * approval recorded the shape is not known: nothing is at least as wide as what cannot be read.
 * @param now options as plain data
 * @param before the same, as an approval recorded them
 */
export function allowsAtLeast(now: Json, before: Json): boolean {
  const [wide, narrow] = [entriesOf(now), entriesOf(before)];
  if (wide === undefined || narrow === undefined) return false;
  const byScript = Map.groupBy(wide, scriptOf);
  return narrow.every((entry) => byScript.get(scriptOf(entry))?.some((other) => grantsAtLeast(other, entry)) === true);
}

function entriesOf(options: Json): readonly Table[] | undefined {
  if (!isTable(options)) return undefined;
  const { allow = [], ...others } = options;
  if (Object.keys(others).length > 0 || !Array.isArray(allow)) return undefined;
  const tables = allow.filter(isTable);
  return tables.length === allow.length ? tables : undefined;
}

function isTable(value: Json): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an entry is about, beside what it grants. */
function scriptOf(entry: Table): string {
  const members = Object.entries(entry).filter(([member]) => !isGrant(member));
  return canonicalize(Object.fromEntries(members));
}

function isGrant(member: string): boolean {
  return (GRANTS as readonly string[]).includes(member);
}

function grantsAtLeast(wide: Table, narrow: Table): boolean {
  return (
    holdsAll(wide['network'] ?? [], narrow['network'] ?? []) &&
    (wide['outputs'] === undefined || holdsAll(wide['outputs'], narrow['outputs'])) &&
    holdsAll(wide['env'] ?? [], narrow['env'] ?? []) &&
    isAtLeast(wide['timeout'] ?? DEFAULT_TIMEOUT, narrow['timeout'] ?? DEFAULT_TIMEOUT) &&
    isAtLeast(wide['memory'] ?? DEFAULT_MEMORY, narrow['memory'] ?? DEFAULT_MEMORY)
  );
}

function holdsAll(wide: Json, narrow: Json | undefined): boolean {
  return Array.isArray(wide) && Array.isArray(narrow) && narrow.every((each) => wide.includes(each));
}

function isAtLeast(wide: Json, narrow: Json): boolean {
  return typeof wide === 'number' && typeof narrow === 'number' && wide >= narrow;
}
