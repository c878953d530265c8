import { createHash } from 'node:crypto';
import semver from 'semver';

/** Yarn's own version of its patching; it is part of the hash. */
const YARN_PATCH_VERSION = '3';

/**
 * The hash that Yarn Berry writes into a patch locator: the first 6 hex digits of the sha512 over the effects of the
 * patch files as Yarn parses them, not over their bytes. undefined: Yarn could not parse them either.
 * 24 bits keep nobody out who can choose the patch; they tell whether the file was changed.
 * https://github.com/yarnpkg/berry/blob/master/packages/plugin-patch/sources/patchUtils.ts (makePatchHash)
 * @param version of the patched package, for files that limit an effect to a range
 */
export function yarnPatchHash(files: readonly string[], version: string | undefined): string | undefined {
  const hash = createHash('sha512').update(YARN_PATCH_VERSION);
  for (const file of files) {
    const effects = parsePatch(file.replace(/\r\n?/g, '\n'));
    if (effects === undefined) return undefined;
    for (const { exclusive, effect } of effects) {
      if (exclusive === null || version === undefined || isIn(version, exclusive)) hash.update(JSON.stringify(effect));
    }
  }
  return hash.digest('hex').slice(0, 6);
}

function isIn(version: string, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true });
}

/** What one file of the patch does; the order of the members is Yarn's, because they are hashed as JSON. */
interface Effect {
  readonly exclusive: string | null;
  readonly effect: object;
}

interface Part {
  readonly type: 'context' | 'insertion' | 'deletion';
  readonly lines: string[];
  noNewlineAtEndOfFile: boolean;
}

interface Hunk {
  readonly header: { readonly original: Span; readonly patched: Span };
  readonly parts: Part[];
}

interface Span {
  readonly start: number;
  readonly length: number;
}

/** The header lines of one file's diff, by what they begin with. */
interface FileDiff {
  readonly fields: Map<string, string>;
  hunks: Hunk[] | null;
}

const FIELDS = [
  'old mode ',
  'new mode ',
  'deleted file mode ',
  'new file mode ',
  'rename from ',
  'rename to ',
  'semver exclusivity ',
];
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*/;
const PART_TYPES: Readonly<Record<string, Part['type']>> = { ' ': 'context', '+': 'insertion', '-': 'deletion' };

function parsePatch(text: string): readonly Effect[] | undefined {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const diffs = readDiffs(lines);
  const effects = diffs?.flatMap(effectsOf);
  return effects === undefined || effects.length === 0 ? undefined : effects;
}

function readDiffs(lines: readonly string[]): readonly FileDiff[] | undefined {
  const diffs: FileDiff[] = [{ fields: new Map(), hunks: null }];
  for (const line of lines) {
    let diff = diffs.at(-1) as FileDiff;
    if (diff.hunks !== null) {
      const taken = readHunkLine(line, diff.hunks);
      if (taken === 'broken') return undefined;
      if (taken === 'taken') continue;
      diff = { fields: new Map(), hunks: null };
      diffs.push(diff);
    }
    if (line.startsWith('@@')) {
      diff.hunks = [];
      if (readHunkLine(line, diff.hunks) !== 'taken') return undefined;
    } else if (line.startsWith('diff --git ')) {
      const paths = /^diff --git a\/(.*?) b\/(.*?)\s*$/.exec(line);
      if (paths === null) return undefined;
      if (diff.fields.has('from')) diffs.push((diff = { fields: new Map(), hunks: null }));
      diff.fields.set('from', paths[1] ?? '').set('to', paths[2] ?? '');
    } else {
      readHeaderLine(line, diff.fields);
    }
  }
  return diffs;
}

function readHeaderLine(line: string, fields: Map<string, string>): void {
  const field = FIELDS.find((prefix) => line.startsWith(prefix));
  if (field !== undefined) fields.set(field, line.slice(field.length).trim());
  if (line.startsWith('--- ')) fields.set('---', line.slice('--- a/'.length).trim());
  if (line.startsWith('+++ ')) fields.set('+++', line.slice('+++ b/'.length).trim());
  const index = line.startsWith('index ') ? /(\w+)\.\.(\w+)/.exec(line) : null;
  if (index !== null) fields.set('before', index[1] ?? '').set('after', index[2] ?? '');
}

/** `done`: the line is no part of a hunk. An empty line counts as context, as Yarn has it. */
function readHunkLine(line: string, hunks: Hunk[]): 'taken' | 'done' | 'broken' {
  if (line.startsWith('@')) {
    const header = HUNK.exec(line.trim());
    if (header === null) return 'broken';
    const [, a, b, c, d] = header;
    hunks.push({ header: { original: span(a, b), patched: span(c, d) }, parts: [] });
    return 'taken';
  }
  const part = hunks.at(-1)?.parts.at(-1);
  if (line.startsWith('\\')) {
    if (part === undefined || !line.startsWith('\\ No newline at end of file')) return 'broken';
    part.noNewlineAtEndOfFile = true;
    return 'taken';
  }
  const type = line === '' ? 'context' : PART_TYPES[line[0] ?? ''];
  if (type === undefined) return 'done';
  if (part?.type === type) part.lines.push(line.slice(1));
  else hunks.at(-1)?.parts.push({ type, lines: [line.slice(1)], noNewlineAtEndOfFile: false });
  return 'taken';
}

function span(start: string | undefined, length: string | undefined): Span {
  // Yarn takes a length of 0 for 0 only where it is written as such, and a start of 0 for 1.
  return { start: Math.max(Number(start), 1), length: Number(length ?? 1) };
}

function effectsOf({ fields, hunks }: FileDiff): readonly Effect[] {
  const get = (name: string): string | null => fields.get(name) ?? null;
  const exclusive = get('semver exclusivity ');
  const file = (mode: 'deleted file mode ' | 'new file mode ', path: string | null, hash: string | null): Effect[] => {
    const type = mode === 'new file mode ' ? 'file creation' : 'file deletion';
    const effect = { type, hunk: hunks?.[0] ?? null, path: plainPath(path), mode: modeOf(get(mode)), hash };
    return [{ exclusive, effect }];
  };
  const renamed = get('rename from ');
  if (renamed === null && fields.has('deleted file mode ')) {
    return file('deleted file mode ', get('from') ?? get('---'), get('before'));
  }
  if (renamed === null && fields.has('new file mode '))
    return file('new file mode ', get('to') ?? get('+++'), get('after'));
  const target = renamed === null ? (get('+++') ?? get('to')) : get('rename to ');
  const effects: object[] = [];
  if (renamed !== null) effects.push({ type: 'rename', fromPath: plainPath(renamed), toPath: plainPath(target) });
  const [oldMode, newMode] = [get('old mode '), get('new mode ')];
  if (target !== null && oldMode !== null && newMode !== null && oldMode !== newMode) {
    effects.push({ type: 'mode change', path: plainPath(target), oldMode: modeOf(oldMode), newMode: modeOf(newMode) });
  }
  if (target !== null && hunks !== null && hunks.length > 0) {
    effects.push({
      type: 'patch',
      path: plainPath(target),
      hunks,
      beforeHash: get('before'),
      afterHash: get('after'),
    });
  }
  return effects.map((effect) => ({ exclusive, effect }));
}

function modeOf(mode: string | null): number {
  return Number.parseInt(mode ?? '', 8) & 0o777;
}

/** Relative to the package's root, without dots. */
function plainPath(path: string | null): string {
  const parts: string[] = [];
  for (const part of (path ?? '').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
