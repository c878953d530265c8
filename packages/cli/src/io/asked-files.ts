import { createHash } from 'node:crypto';
import { mapBounded } from '@lockseal/core';
import type { DirectoryItem, ProjectFiles } from '@lockseal/lockfile';

/** What was asked about the files of a project, and a digest of the answer; null: there is no such thing. */
export type FileQuestion =
  | readonly [ask: 'read', path: string, answer: string | null]
  /** `named`: source of the expression for what was looked at. */
  | readonly [ask: 'list', path: string, answer: string | null, named?: string];

export interface RecordedFiles {
  readonly files: ProjectFiles;
  /** Grows while files are asked for. */
  readonly questions: readonly FileQuestion[];
}

/** Files that are asked for at once. */
const AT_ONCE = 16;

/** The same files, and a record of what was asked about them: who asks the same again and gets the same knows the same. */
export function recordQuestions(inner: ProjectFiles): RecordedFiles {
  const questions: FileQuestion[] = [];
  const files: ProjectFiles = {
    read: async (path) => {
      const bytes = await inner.read(path);
      questions.push(['read', path, digestOf(bytes)]);
      return bytes;
    },
    list: async (path, named) => {
      const items = await inner.list(path, named);
      const answer = digestOfItems(items, named);
      questions.push(named === undefined ? ['list', path, answer] : ['list', path, answer, named.source]);
      return items;
    },
  };
  return { files, questions };
}

/** Whether every question has the answer again that it had. */
export async function isAnsweredAlike(questions: readonly FileQuestion[], files: ProjectFiles): Promise<boolean> {
  const alike = await mapBounded(questions, AT_ONCE, async ([ask, path, answer, source]) => {
    if (ask === 'read') return digestOf(await files.read(path)) === answer;
    const named = source === undefined ? undefined : new RegExp(source);
    return digestOfItems(await files.list(path, named), named) === answer;
  });
  return alike.every(Boolean);
}

function digestOfItems(items: readonly DirectoryItem[] | undefined, named: RegExp | undefined): string | null {
  const seen = named === undefined ? items : items?.filter(({ name }) => named.test(name));
  return digestOf(seen && JSON.stringify(seen));
}

function digestOf(answer: Uint8Array | string | undefined): string | null {
  return answer === undefined ? null : createHash('sha256').update(answer).digest('hex');
}
