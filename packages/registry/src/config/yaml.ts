import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';
import { LocksealError } from '@lockseal/core';
import { tableAt, type Table } from './tables.ts';

/** A YAML file of settings; every scalar is text. @throws LocksealError ERR_CONFIG with line and column */
export function parseYamlTable(text: string, file: string): Table {
  let value: unknown;
  try {
    value = load(text, { schema: FAILSAFE_SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // The exception's own message quotes the file, which may hold secrets.
    const position = { line: error.mark.line + 1, column: error.mark.column + 1 };
    throw new LocksealError('ERR_CONFIG', `${file} is not well-formed YAML: ${error.reason}`, { file, position });
  }
  return tableAt(value, { file, key: 'the document' }) ?? new Map();
}
