import type { ReadEntry } from 'tar';

const MAX_ODDITIES = 50;
const MAX_TEXT = 300;
const PLAIN: ReadonlySet<string> = new Set(['File', 'OldFile', 'Directory']);

/** Collects what extractors read differently: a bounded, sorted list of short sentences. Texts are untrusted. */
export class Oddities {
  readonly #texts = new Set<string>();
  #dropped = 0;

  add(kind: string, subject?: string): void {
    const text = subject === undefined ? kind : `${kind}: ${subject.slice(0, MAX_TEXT)}`;
    if (this.#texts.size < MAX_ODDITIES) this.#texts.add(text);
    else if (!this.#texts.has(text)) this.#dropped++;
  }

  list(): readonly string[] {
    const texts = [...this.#texts].toSorted();
    return this.#dropped === 0 ? texts : [...texts, `and ${this.#dropped} more`];
  }
}

/** The oddities of one entry by itself, without those of its relation to others. */
export function noteEntry(entry: ReadEntry, oddities: Oddities): void {
  notePath(entry.path, oddities);
  const target = `${entry.path} -> ${entry.linkpath ?? ''}`;
  if (entry.type === 'SymbolicLink') oddities.add('symbolic link', target);
  else if (entry.type === 'Link') oddities.add('hard link', target);
  else if (!PLAIN.has(entry.type)) oddities.add(`entry of type ${entry.type}`, entry.path);
  if (((entry.mode ?? 0) & 0o7000) !== 0) oddities.add('setuid, setgid or sticky bit', entry.path);
  if (entry.extended?.size !== undefined) oddities.add('size set by a PAX header', entry.path);
  const { path, linkpath, size } = entry.globalExtended ?? {};
  if (path !== undefined || linkpath !== undefined || size !== undefined) {
    oddities.add('path, link or size set by a global PAX header', entry.path);
  }
}

function notePath(path: string, oddities: Oddities): void {
  const parts = path.replace(/\/$/, '').split('/');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) oddities.add('absolute path', path);
  else if (parts.includes('..')) oddities.add('path with ..', path);
  else if (parts.some((part) => part === '' || part === '.')) oddities.add('path not in normal form', path);
  if (path.includes('\\')) oddities.add('backslash in path', path);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) oddities.add('control character in path', path);
}
