import { FAILSAFE_SCHEMA, YAMLException, loadAll, type LoadOptions, type State } from 'js-yaml';
import { LocksealError, type ErrorCode, type Position } from '@lockseal/core';
import { positionAt } from '../position.ts';

/** What the plain-strings schema yields; an empty node is null. */
export type YamlValue = string | null | readonly YamlValue[] | YamlMapping;
export interface YamlMapping {
  readonly [key: string]: YamlValue;
}

/** A stretch of a file that is one YAML document. */
export interface YamlSource {
  readonly path: string;
  readonly text: string;
  /** How many lines of the file stand before `text`. */
  readonly linesBefore: number;
}

/** Collections within collections; real lockfiles stay below ten. */
const MAX_DEPTH = 64;

/** The members of js-yaml's parser state that its type declarations leave out. */
interface NodeState extends State {
  readonly anchor: string | null;
  readonly tag: string | null;
}

/**
 * One YAML document as plain strings, sequences and mappings.
 *
 * pnpm reads with js-yaml's default schema, which merges `<<`; Yarn with the failsafe one, which does not, and with
 * duplicate keys allowed; other readers differ again. Whatever two readers could take differently is refused, each
 * with a code of its own: anchors and aliases, `<<`, tags, directives, duplicate keys, `__proto__`.
 * @throws LocksealError ERR_LOCKFILE_YAML_ANCHOR, ERR_LOCKFILE_YAML_MERGE_KEY, ERR_LOCKFILE_YAML_TAG (directives too),
 *   ERR_LOCKFILE_DUPLICATE_KEY, ERR_LOCKFILE_PROTOTYPE_KEY, ERR_LOCKFILE_TOO_LARGE (depth), ERR_LOCKFILE_DOCUMENTS,
 *   ERR_LOCKFILE_SYNTAX
 */
export function loadYaml(source: YamlSource): YamlValue {
  refuseDirectives(source);
  const options: LoadOptions & { readonly maxDepth: number } = {
    schema: FAILSAFE_SCHEMA,
    maxDepth: MAX_DEPTH,
    listener: (event, state: NodeState) => {
      if (event === 'close') refuseNode(source, state);
    },
    onWarning: (warning) => {
      throw warning;
    },
  };
  const documents = parse(source, options);
  if (documents.length > 1) throw tooManyDocuments(source, documents.length);
  return documents[0] ?? null;
}

function parse(source: YamlSource, options: LoadOptions): readonly YamlValue[] {
  try {
    return loadAll(source.text, null, options) as readonly YamlValue[];
  } catch (thrown) {
    if (thrown instanceof YAMLException) throw yamlError(source, thrown);
    throw thrown;
  }
}

/** Called at the end of every node, keys included. */
function refuseNode(source: YamlSource, state: NodeState): void {
  const { anchor, tag } = state;
  if (anchor !== null) {
    refuseMergeKey(source);
    const at = positionAt(source.text, source.text.lastIndexOf(`&${anchor}`, state.position));
    throw refusal(source, 'ERR_LOCKFILE_YAML_ANCHOR', 'a YAML anchor', shift(source, at), `&${anchor}`);
  }
  // '?' is how js-yaml notes a plain scalar; an explicit `!<?>` looks the same and is caught with the directives.
  if (tag !== null && tag !== '?') {
    throw refusal(source, 'ERR_LOCKFILE_YAML_TAG', 'a YAML tag', endOf(source, state, 0), tag);
  }
  if (state.result === '<<') {
    throw refusal(source, 'ERR_LOCKFILE_YAML_MERGE_KEY', 'a YAML merge key', endOf(source, state, 2), '<<');
  }
  if (state.result === '__proto__') {
    throw refusal(source, 'ERR_LOCKFILE_PROTOTYPE_KEY', 'the key __proto__', endOf(source, state, 9), '__proto__');
  }
}

/** Anchors mostly serve `<<`, which hides entries from other readers: where both are there, it is the one to name. */
function refuseMergeKey(source: YamlSource): void {
  const merge = /^[ \t]*<<[ \t]*:/m.exec(source.text);
  if (merge === null) return;
  const at = shift(source, positionAt(source.text, merge.index + merge[0].indexOf('<<')));
  throw refusal(source, 'ERR_LOCKFILE_YAML_MERGE_KEY', 'a YAML merge key', at, '<<');
}

/** js-yaml keeps directives to itself, so they are looked for in the text: no line of a lockfile starts with '%'. */
function refuseDirectives(source: YamlSource): void {
  const { text } = source;
  const directive = text.startsWith('%') ? 0 : text.indexOf('\n%');
  const at = directive > 0 ? directive + 1 : directive === 0 ? 0 : text.indexOf('!<?>');
  if (at < 0) return;
  const position = shift(source, positionAt(text, at));
  throw refusal(source, 'ERR_LOCKFILE_YAML_TAG', 'a YAML directive or tag', position, text.slice(at, at + 20));
}

function tooManyDocuments(source: YamlSource, count: number): LocksealError {
  return new LocksealError(
    'ERR_LOCKFILE_DOCUMENTS',
    `${source.path} holds more YAML documents than its format allows`,
    {
      file: source.path,
      expected: 'one document',
      found: `${count} documents`,
      hint: 'Restore the lockfile from the last good commit.',
    },
  );
}

const REASONS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^duplicated mapping key/, 'ERR_LOCKFILE_DUPLICATE_KEY'],
  [/^nesting exceeded/, 'ERR_LOCKFILE_TOO_LARGE'],
  [/alias|anchor/, 'ERR_LOCKFILE_YAML_ANCHOR'],
  [/\btag\b/, 'ERR_LOCKFILE_YAML_TAG'],
];

/** js-yaml's own complaint, in our terms. It has no codes, so the reason text decides; the version is pinned. */
function yamlError(source: YamlSource, thrown: YAMLException): LocksealError {
  const { reason } = thrown;
  const code = REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'ERR_LOCKFILE_SYNTAX';
  const mark = thrown.mark as { readonly line: number; readonly column: number } | undefined;
  const position = mark && shift(source, { line: mark.line + 1, column: mark.column + 1 });
  return new LocksealError(code, `${source.path}: ${reason}`, {
    file: source.path,
    position,
    hint: 'Restore the lockfile from the last good commit, or lock again with the package manager.',
    cause: thrown,
  });
}

function refusal(
  source: YamlSource,
  code: ErrorCode,
  what: string,
  position: Position | undefined,
  found: string,
): LocksealError {
  return new LocksealError(code, `${source.path} uses ${what}, which no package manager writes`, {
    file: source.path,
    position,
    expected: 'plain keys and values',
    found,
    hint: 'Restore the lockfile from the last good commit, or lock again with the package manager.',
  });
}

/** Where a scalar of `length` began that has just ended. */
function endOf(source: YamlSource, state: State, length: number): Position {
  const column = Math.max(state.position - state.lineStart - length, 0) + 1;
  return shift(source, { line: state.line + 1, column });
}

function shift(source: YamlSource, position: Position): Position {
  return { line: position.line + source.linesBefore, column: position.column };
}
