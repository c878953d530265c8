import { configError, type Place } from './values.ts';

/** A table of a parsed YAML or TOML file. */
export type Table = ReadonlyMap<string, unknown>;

/** The value as a table; undefined where there is none. @throws LocksealError ERR_CONFIG */
export function tableAt(value: unknown, place: Place): Table | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw configError(place, 'is not a table');
  return new Map(Object.entries(value));
}

/** The text under a key; undefined where there is none. @throws LocksealError ERR_CONFIG */
export function textAt(table: Table, key: string, file: string): string | undefined {
  const value = table.get(key);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw configError({ file, key }, 'is not text');
}

/** A table of texts, such as scope -> registry URL. @throws LocksealError ERR_CONFIG */
export function textsAt(table: Table, key: string, file: string): ReadonlyMap<string, string> {
  const inner = tableAt(table.get(key), { file, key }) ?? new Map<string, unknown>();
  return new Map(
    [...inner.keys()].flatMap((name) => {
      const text = textAt(inner, name, file);
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
}
