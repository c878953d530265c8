import type { ProjectFiles } from '@lockseal/lockfile';

/** Files by path; every path that is asked for is noted. */
export class MemoryFiles implements ProjectFiles {
  readonly asked: string[] = [];
  readonly #files: ReadonlyMap<string, string>;

  constructor(files: Readonly<Record<string, string | object>>) {
    const texts = Object.entries(files).map(([path, content]): [string, string] => [
      path,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]);
    this.#files = new Map(texts);
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    this.asked.push(path);
    const text = this.#files.get(path);
    return text === undefined ? undefined : new TextEncoder().encode(text);
  }

  async list(path: string): ReturnType<ProjectFiles['list']> {
    this.asked.push(path);
    const below = path === '.' ? '' : `${path}/`;
    const rest = [...this.#files.keys()]
      .filter((file) => file.startsWith(below))
      .map((file) => file.slice(below.length));
    if (rest.length === 0) return undefined;
    const names = new Map(
      rest.map((file) => [file.split('/')[0] ?? '', file.includes('/') ? 'directory' : 'file'] as const),
    );
    return [...names].map(([name, type]) => ({ name, type }));
  }
}
