import type { Fetched } from '../ports.ts';

/** What the JavaScript in a tarball reaches for: parsed, never run. */
export interface TarballCode {
  /** Lower-case hex, of the tarball. */
  readonly sha512: string;
  /** Sorted by path. */
  readonly files: readonly CodeFile[];
}

/** One file of JavaScript. */
export interface CodeFile {
  readonly path: string;
  /** Lower-case hex, of its bytes; empty: it is too large to be looked at. */
  readonly sha256: string;
  /** Bytes. */
  readonly longestLine: number;
  /** Modules for network, processes and files that it imports or requires, sorted; undefined: it was not parsed. */
  readonly modules: readonly string[] | undefined;
  /** Why it was not parsed. */
  readonly unparsed: string | undefined;
}

export type CodeDelta =
  | { readonly status: 'unknown'; readonly reason: string }
  | {
      readonly status: 'compared';
      /** Modules that no file before used, with the files that do now. */
      readonly newModules: readonly { readonly module: string; readonly paths: readonly string[] }[];
      /** New or changed files that are minified, or have a line that nobody reads, and were not so before. */
      readonly obscured: readonly CodeFile[];
      /** New or changed files that could not be parsed, and why. */
      readonly unparsed: readonly CodeFile[];
    };

/** Longer lines are written by programs. */
const LONG_LINE = 2000;

/** Compares what the code of two versions reaches for. */
export function compareCode(before: Fetched<TarballCode>, after: Fetched<TarballCode>): CodeDelta {
  if (before.status !== 'ok') return { status: 'unknown', reason: before.reason };
  if (after.status !== 'ok') return { status: 'unknown', reason: after.reason };
  const known = new Map(before.value.files.map((file) => [file.path, file]));
  const seen = new Set(before.value.files.map(({ sha256 }) => sha256));
  const used = new Set(before.value.files.flatMap(({ modules = [] }) => modules));
  const fresh = after.value.files.filter(({ sha256 }) => sha256 === '' || !seen.has(sha256));
  const users = new Map<string, string[]>();
  for (const { path, modules = [] } of fresh) {
    for (const module of modules) {
      if (!used.has(module)) users.set(module, [...(users.get(module) ?? []), path]);
    }
  }
  const wasLong = ({ path }: CodeFile): boolean => (known.get(path)?.longestLine ?? 0) > LONG_LINE;
  return {
    status: 'compared',
    newModules: [...users].map(([module, paths]) => ({ module, paths })).sort((a, b) => (a.module < b.module ? -1 : 1)),
    obscured: fresh.filter((file) => file.longestLine > LONG_LINE && !wasLong(file)),
    unparsed: fresh.filter(({ unparsed }) => unparsed !== undefined),
  };
}
