import path from 'node:path/posix';
import { LocksealError, isOutside } from '@lockseal/core';
import type { ProjectFiles } from './project-files.ts';

/** Directories that are looked into at most; large monorepos have a few thousand. */
const MAX_DIRECTORIES = 50_000;
const MAX_DEPTH = 32;
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'bower_components', '.git']);

/**
 * Directories with a package.json that workspace globs match, sorted; `*`, `**`, `?`, `{a,b}` and leading '!', as npm,
 * pnpm, Yarn and bun have in common. Patterns that lead out of the project match nothing.
 */
export async function findWorkspaces(files: ProjectFiles, patterns: readonly string[]): Promise<readonly string[]> {
  const plain = patterns.map((pattern) => pattern.trim().replace(/\/+$/, ''));
  const excluded = plain.filter((pattern) => pattern.startsWith('!')).map((pattern) => toPattern(pattern.slice(1)));
  const search = new Search(files);
  for (const pattern of plain) {
    if (!pattern.startsWith('!') && !isOutside(pattern)) await search.walk('.', toSegments(pattern), 0);
  }
  const kept = [...search.found].filter((directory) => !excluded.some((each) => each.test(directory)));
  return kept.toSorted();
}

function toSegments(pattern: string): readonly string[] {
  return path
    .normalize(pattern)
    .split('/')
    .filter((segment) => segment !== '.');
}

class Search {
  readonly found = new Set<string>();
  readonly #files: ProjectFiles;
  #directories = 0;

  constructor(files: ProjectFiles) {
    this.#files = files;
  }

  async walk(directory: string, segments: readonly string[], depth: number): Promise<void> {
    const [first, ...rest] = segments;
    if (first === undefined) return this.#keep(directory);
    if (depth > MAX_DEPTH) return;
    if (first === '**') await this.walk(directory, rest, depth);
    if (!/[*?{[]/.test(first)) return this.walk(path.join(directory, first), rest, depth + 1);
    const pattern = first === '**' ? /^(?!\.)/ : toPattern(first);
    for (const name of await this.#subdirectories(directory)) {
      if (!pattern.test(name)) continue;
      await this.walk(path.join(directory, name), first === '**' ? segments : rest, depth + 1);
    }
  }

  async #keep(directory: string): Promise<void> {
    const items = (await this.#files.list(directory)) ?? [];
    if (items.some((item) => item.name === 'package.json' && item.type === 'file')) this.found.add(directory);
  }

  async #subdirectories(directory: string): Promise<readonly string[]> {
    this.#directories += 1;
    if (this.#directories > MAX_DIRECTORIES) {
      throw new LocksealError('ERR_PROJECT_UNREADABLE', 'The workspaces span too many directories.', {
        expected: `at most ${MAX_DIRECTORIES}`,
      });
    }
    const items = (await this.#files.list(directory)) ?? [];
    return items.filter((item) => item.type === 'directory' && !SKIPPED.has(item.name)).map((item) => item.name);
  }
}

/** A glob as an anchored expression; it has no nested repetition, so that no name makes it slow. */
function toPattern(glob: string): RegExp {
  const source = path
    .normalize(glob)
    .replace(/[.+^$()|\\]/g, '\\$&')
    .replaceAll('**/', '\u0001')
    .replaceAll('**', '\u0002')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replace(/\{([^{}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`)
    .replaceAll('\u0001', '(?:[^/]+/)*')
    .replaceAll('\u0002', '.*');
  const hidden = glob.startsWith('.') ? '' : '(?!\\.)';
  return new RegExp(`^${hidden}${source}$`);
}
