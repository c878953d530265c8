import { LocksealError, type ErrorCode } from '@lockseal/core';
import type { LockfileText } from '../text.ts';

/** One block: a comma-separated key of patterns and the fields below it. Lines count from 1. */
export interface Block {
  readonly line: number;
  readonly patterns: readonly string[];
  readonly fields: ReadonlyMap<string, string>;
  readonly dependencies: ReadonlyMap<string, Dependency> | undefined;
  readonly optionalDependencies: ReadonlyMap<string, Dependency> | undefined;
}

interface Dependency {
  readonly spec: string;
  readonly line: number;
}

interface OpenBlock extends Block {
  readonly fields: Map<string, string>;
  dependencies: Map<string, Dependency> | undefined;
  optionalDependencies: Map<string, Dependency> | undefined;
}

const FIELDS: ReadonlySet<string> = new Set(['version', 'resolved', 'integrity', 'uid', 'registry']);

/** Longest line, in UTF-16 code units: the expressions below take room on the stack for each. Real keys stay below 10,000. */
const MAX_LINE = 1024 * 1024;

/** A JSON string, or a word as Yarn leaves it unquoted. */
const TOKEN = String.raw`(?:"(?:[^"\\]|\\.)*"|[A-Za-z/.-][^\s:,"]*)`;
const BLOCK_LINE = new RegExp(`^${TOKEN}(?:, ${TOKEN})*:$`);
const PAIR_LINE = new RegExp(`^(${TOKEN}) (${TOKEN})$`);
const TOKENS = new RegExp(TOKEN, 'g');

/**
 * The blocks of a yarn.lock of version 1, line by line. Yarn's own reader lets the last of two equal keys win and skips
 * what it does not know; here every line is one of: blank, comment, block key, field, dependency table, dependency.
 * https://github.com/yarnpkg/yarn/blob/master/src/lockfile/parse.js
 * @throws LocksealError ERR_LOCKFILE_SYNTAX, ERR_LOCKFILE_DUPLICATE_KEY, ERR_LOCKFILE_PROTOTYPE_KEY,
 *   ERR_LOCKFILE_TOO_LARGE (a line)
 */
export function parseBlocks(source: LockfileText): readonly Block[] {
  const blocks: OpenBlock[] = [];
  let table: Map<string, Dependency> | undefined;
  let isOpen = false;
  let number = 0;
  for (const raw of source.text.split('\n')) {
    number += 1;
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '' || line.startsWith('#')) {
      isOpen = false;
      continue;
    }
    const fail: Fail = (code, expected) => lineError(source.path, code, number, line, expected);
    if (line.length > MAX_LINE) throw fail('ERR_LOCKFILE_TOO_LARGE', `a line of at most ${MAX_LINE} characters`);
    // To Yarn a blank line and a comment end the block: what is indented after them would be of no package.
    const block = isOpen ? blocks.at(-1) : undefined;
    if (!line.startsWith(' ')) {
      blocks.push(openBlock(line, number, fail));
      table = undefined;
      isOpen = true;
    } else if (block === undefined) {
      throw fail('ERR_LOCKFILE_SYNTAX', 'a block key');
    } else if (line.startsWith('    ')) {
      if (table === undefined) throw fail('ERR_LOCKFILE_SYNTAX', 'a field of the block');
      addDependency(table, line.slice(4), number, fail);
    } else {
      table = addField(block, line.slice(2), fail, line);
    }
  }
  return blocks;
}

type Fail = (code: ErrorCode, expected: string) => LocksealError;

function openBlock(line: string, number: number, fail: Fail): OpenBlock {
  if (!BLOCK_LINE.test(line)) throw fail('ERR_LOCKFILE_SYNTAX', 'patterns, each "name@range", and a colon');
  const patterns = (line.match(TOKENS) ?? []).map((token) => unquote(token, fail));
  return {
    line: number,
    patterns,
    fields: new Map(),
    dependencies: undefined,
    optionalDependencies: undefined,
  };
}

/** Adds a field, or answers the dependency table that the line opens. */
function addField(block: OpenBlock, text: string, fail: Fail, line: string): Map<string, Dependency> | undefined {
  if (line.startsWith('   ') || !line.startsWith('  ')) throw fail('ERR_LOCKFILE_SYNTAX', 'indentation by 2 or 4');
  if (text === 'dependencies:' || text === 'optionalDependencies:') {
    const section = text === 'dependencies:' ? 'dependencies' : 'optionalDependencies';
    if (block[section] !== undefined) throw fail('ERR_LOCKFILE_DUPLICATE_KEY', `${text} once in a block`);
    return (block[section] = new Map());
  }
  const [name, value] = pair(text, fail);
  if (!FIELDS.has(name)) throw fail('ERR_LOCKFILE_SYNTAX', `one of ${[...FIELDS].join(', ')}, or a dependency table`);
  if (block.fields.has(name)) throw fail('ERR_LOCKFILE_DUPLICATE_KEY', `${name} once in a block`);
  block.fields.set(name, value);
  return undefined;
}

function addDependency(table: Map<string, Dependency>, text: string, line: number, fail: Fail): void {
  const [name, spec] = pair(text, fail);
  if (name === '__proto__') throw fail('ERR_LOCKFILE_PROTOTYPE_KEY', 'a package name');
  if (table.has(name)) throw fail('ERR_LOCKFILE_DUPLICATE_KEY', `${name} once in a table`);
  table.set(name, { spec, line });
}

function pair(text: string, fail: Fail): readonly [string, string] {
  const match = PAIR_LINE.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw fail('ERR_LOCKFILE_SYNTAX', 'a key and a value');
  return [unquote(match[1], fail), unquote(match[2], fail)];
}

/** Yarn quotes with JSON.stringify. */
function unquote(token: string, fail: Fail): string {
  if (!token.startsWith('"')) return token;
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch (cause) {
    throw new LocksealError('ERR_LOCKFILE_SYNTAX', fail('ERR_LOCKFILE_SYNTAX', '').message, {
      ...fail('ERR_LOCKFILE_SYNTAX', 'a JSON string').details,
      cause,
    });
  }
}

function lineError(path: string, code: ErrorCode, number: number, line: string, expected: string): LocksealError {
  return new LocksealError(code, `${path}: line ${number} is not as Yarn 1 writes it`, {
    file: path,
    position: { line: number, column: 1 },
    expected,
    found: line.slice(0, 200),
    hint: 'Restore yarn.lock from the last good commit, or run `yarn install` with it deleted.',
  });
}
