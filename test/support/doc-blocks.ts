// Commands in Markdown. What a block is run in stands behind the language, where readers of the page do not see it:
//
//   ```sh fixture=project             every command must end with 0
//   ```sh fixture=attacked exit=1     the last one must end with 1
//   ```console fixture=attacked       `$ command` lines, and under each what it prints; `…` stands for any lines
//   ```sh newcomer=pnpm               run by scripts/newcomer.ts with the package manager of that name; `each`: with all
//   ```sh not-run: needs a browser    why not
//
// Blocks of one fixture on one page share a folder, one after the other. test/support/doc-fixtures.ts has the fixtures.
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export interface DocBlock {
  /** Relative to the repository: `docs/ci.md`. */
  readonly page: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  readonly how: HowToRun;
  readonly steps: readonly DocStep[];
}

export type HowToRun =
  | { readonly kind: 'fixture'; readonly fixture: string; readonly exitCode: number }
  | { readonly kind: 'newcomer'; readonly manager: string; readonly exitCode: number }
  | { readonly kind: 'not-run'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly info: string };

interface DocStep {
  readonly command: string;
  /** What the page says that it prints; undefined: it says nothing. */
  readonly printed: readonly string[] | undefined;
}

/** Pages whose commands are promises to readers. */
export function docPages(): readonly string[] {
  const inDocs = fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const packages = fs.readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}/README.md`);
  const own = packages.filter((page) => fs.existsSync(path.join(root, page)));
  return ['README.md', 'CONTRIBUTING.md', ...inDocs.map((name) => `docs/${name}`), ...own];
}

/** The blocks of commands on a page, in order. */
export function docBlocks(page: string): DocBlock[] {
  return blocksIn(fs.readFileSync(path.join(root, page), 'utf8'), page);
}

/** @throws Error for a fence that is not closed */
export function blocksIn(text: string, page: string): DocBlock[] {
  const lines = text.split('\n');
  const blocks: DocBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', fence, info = ''] = /^( *)(`{3,}|~{3,})(.*)$/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) {
      const bare = indentedCommand(lines[at] ?? '');
      if (bare !== undefined) blocks.push(unknown(page, at + 1, bare));
      continue;
    }
    const length = lines.slice(at + 1).findIndex((line) => line.trim() === fence);
    if (length === -1) throw new Error(`${page}:${at + 1}: the fence is not closed`);
    const body = lines.slice(at + 1, at + 1 + length).map((line) => line.slice(indent.length));
    const block = blockOf(info.trim(), body, page, at + 1);
    if (block !== undefined) blocks.push(block);
    at += length + 1;
  }
  return blocks;
}

/** Indented code has no place for an annotation. */
function indentedCommand(line: string): string | undefined {
  return /^ {4,}(?:\$ )?((?:lockseal|npm|npx|pnpm|yarn|bun|git|node|cosign|python3|podman|docker|curl) [a-z-].*)$/.exec(
    line,
  )?.[1];
}

function unknown(page: string, line: number, command: string): DocBlock {
  return { page, line, how: { kind: 'unknown', info: 'indented' }, steps: [{ command, printed: undefined }] };
}

function blockOf(info: string, body: readonly string[], page: string, line: number): DocBlock | undefined {
  const [language = '', ...words] = info.split(/\s+/);
  const how = howToRun(words.join(' '));
  switch (language) {
    case 'sh':
    case 'bash':
    case 'shell':
      return { page, line, how, steps: commandsOf(body).map((command) => ({ command, printed: undefined })) };
    case 'console':
      return { page, line, how, steps: sessionOf(body) };
    default:
      return undefined;
  }
}

function howToRun(annotation: string): HowToRun {
  const reason = /^not-run: (.+)$/.exec(annotation)?.[1];
  if (reason !== undefined) return { kind: 'not-run', reason };
  const [, kind, name = '', exit = '0'] = /^(fixture|newcomer)=([\w-]+)(?: exit=(\d))?$/.exec(annotation) ?? [];
  const exitCode = Number(exit);
  if (kind === 'newcomer') return { kind, manager: name, exitCode };
  return kind === undefined ? { kind: 'unknown', info: annotation } : { kind: 'fixture', fixture: name, exitCode };
}

/** One command a line, but for lines that `\`, or a here-document, goes on from; comments are no commands. */
function commandsOf(body: readonly string[]): string[] {
  const commands: string[] = [];
  let open: string | undefined;
  let end: string | undefined;
  for (const line of body) {
    if (open === undefined && (line.trim() === '' || line.trim().startsWith('#'))) continue;
    open = open === undefined ? line : `${open}\n${line}`;
    end ??= /<<-? *['"]?(\w+)['"]?/.exec(line)?.[1];
    if (end === undefined ? line.endsWith('\\') : line.trim() !== end) continue;
    commands.push(open);
    [open, end] = [undefined, undefined];
  }
  return open === undefined ? commands : [...commands, open];
}

function sessionOf(body: readonly string[]): DocStep[] {
  const steps: { command: string; printed: string[] }[] = [];
  for (const line of body) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), printed: [] });
    else steps.at(-1)?.printed.push(line);
  }
  return steps;
}
