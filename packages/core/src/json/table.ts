/** Rows of plain JSON, of whose members each value stands there once. */
export interface Table {
  readonly values: readonly unknown[];
  /** Member -> for each row the number of its value; -1: undefined. */
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

/**
 * Rows as the text of a table: most of what is told of packages is the same of many, so that it takes less room, less time
 * to be read, and less memory when it was.
 * @param rows of plain JSON (no Map, no Date)
 * @param members all others are left out
 */
export function tableText<Row>(rows: readonly Row[], members: readonly (keyof Row & string)[]): string {
  const values: string[] = [];
  const objects = new Map<string, number>();
  const others = new Map<unknown, number>();
  const numberOf = (value: unknown): number => {
    if (value === undefined) return -1;
    const isObject = typeof value === 'object';
    const known = isObject ? undefined : others.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    const number = (isObject ? objects.get(text) : undefined) ?? values.push(text) - 1;
    if (isObject) objects.set(text, number);
    else others.set(value, number);
    return number;
  };
  const columns = members.map((member) => [member, rows.map((row) => numberOf(row[member]))] as const);
  // Each value is text already: written once more as part of the whole, it would cost as much again.
  return `{"values":[${values.join()}],"columns":${JSON.stringify(Object.fromEntries(columns))}}`;
}

/** The rows of a table; what is alike in several of them is one object. */
export function fromTable<Row>({ values, columns }: Table, members: readonly (keyof Row & string)[]): Row[] {
  const used = members.map((member) => [member, columns[member] ?? []] as const);
  const rows = used[0]?.[1] ?? [];
  return rows.map((_, at) => {
    const row: Record<string, unknown> = {};
    for (const [member, numbers] of used) {
      const number = numbers[at] ?? -1;
      row[member] = number < 0 ? undefined : values[number];
    }
    return row as Row;
  });
}
