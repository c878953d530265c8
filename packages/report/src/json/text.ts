/** Plain data whose absent members are left out. */
export type JsonInput =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly JsonInput[]
  | { readonly [key: string]: JsonInput };

/** Line feeds are those between the members; inside texts `JSON.stringify` has escaped them. */
const UNSHOWN = /(?![ \n])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * JSON text, keys in the order given. Characters that a terminal would act upon are written as \u escapes: the value
 * is the same, and printing it is harmless.
 *
 * @param indent spaces a level; 0: the whole document on one line
 */
export function jsonText(value: JsonInput, indent: number): string {
  return `${JSON.stringify(value, null, indent).replace(UNSHOWN, escapeUnits)}\n`;
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
