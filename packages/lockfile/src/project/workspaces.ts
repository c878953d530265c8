import path from 'node:path/posix';
import { LocksealError, isOutside } from '@lockseal/core';
import { expandBraces, matchesGlob, matchesSegment, type Glob } from '../glob.ts';
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
  const excluded = plain.filter((pattern) => pattern.startsWith('!')).flatMap((pattern) => toGlobs(pattern.slice(1)));
  const search = new Search(files);
  for (const pattern of plain) {
    if (pattern.startsWith('!') || isOutside(pattern)) continue;
    for (const glob of toGlobs(pattern)) await search.walk('.', glob, 0);
  }
  const kept = [...search.found].filter((directory) => !excluded.some((glob) => isBelow(directory, glob)));
  return kept.toSorted();
}

/** Above it nobody writes patterns by hand. */
const MAX_PATTERNS = 1000;

/** @throws LocksealError ERR_PROJECT_UNREADABLE where the braces stand for too many */
function toGlobs(pattern: string): readonly Glob[] {
  const texts = expandBraces(pattern, MAX_PATTERNS);
  if (texts === undefined) {
    throw new LocksealError('ERR_PROJECT_UNREADABLE', 'A workspace pattern stands for too many others.', {
      expected: `at most ${MAX_PATTERNS}`,
      found: pattern.slice(0, 200),
    });
  }
  return texts.map((text) => withoutRepetition(path.normalize(text).split('/')));
}

/** `**` after `**` says nothing more, and each would be a walk of its own. */
function withoutRepetition(segments: Glob): Glob {
  return segments.filter((segment, at) => segment !== '.' && (segment !== '**' || segments[at - 1] !== '**'));
}

/** A closing `**` takes what is below a directory, never the directory itself. */
function isBelow(directory: string, glob: Glob): boolean {
  return matchesGlob(directory.split('/'), glob.at(-1) === '**' ? [...glob, '*'] : glob);
}

class Search {
  readonly found = new Set<string>();
  readonly #files: ProjectFiles;
  #directories = 0;

  constructor(files: ProjectFiles) {
    this.#files = files;
  }

  async walk(directory: string, segments: Glob, depth: number): Promise<void> {
    const [first, ...rest] = segments;
    if (first === undefined) return this.#keep(directory);
    if (depth > MAX_DEPTH) return;
    if (first === '**') await this.walk(directory, rest, depth);
    if (!/[*?]/.test(first)) return this.walk(path.join(directory, first), rest, depth + 1);
    for (const name of await this.#subdirectories(directory)) {
      const isHidden = name.startsWith('.') && !first.startsWith('.');
      if (isHidden || (first !== '**' && !matchesSegment(name, first))) continue;
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
