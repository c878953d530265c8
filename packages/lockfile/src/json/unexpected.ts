import type { Observation } from '@lockseal/core';
import type { Fields } from './fields.ts';

/** A set of member names, written as lines of words. */
export function memberNames(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

/** Notes members that a format does not define: once a name and kind of place, at the first place it stands. */
export class UnexpectedFields {
  readonly #seen = new Map<string, Observation>();

  check(kind: string, fields: Fields, known: ReadonlySet<string>): void {
    for (const name of fields.namesExcept(known)) {
      if (this.#seen.has(`${kind} ${name}`)) continue;
      this.#seen.set(`${kind} ${name}`, {
        code: 'unexpected-field',
        position: fields.position,
        expected: `a member that is defined for ${kind}`,
        found: fields.placeOf(name),
      });
    }
  }

  get observations(): readonly Observation[] {
    return [...this.#seen.values()];
  }
}
