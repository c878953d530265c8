// The format of test/cli/*.txt: commands with what they print, then the files they find.
//
//   # What the case shows.
//
//   $ NO_COLOR=1 lockseal verify 'my lock.json' < input.txt
//   | a line of standard output
//   ! a line of standard error
//   = 0
//
//   -- package.json --
//   { "name": "example" }
//
// Under a command stand first its standard output, then its standard error, then its exit code; each line is marked,
// so that any output can be written down. `|~` and `!~` say that the line before has no line break at its end.
import path from 'node:path';

export interface Transcript {
  readonly script: readonly ScriptLine[];
  /** Relative path -> content. */
  readonly files: ReadonlyMap<string, string>;
  /** The text of the file sections, unchanged. */
  readonly filesText: string;
}

type ScriptLine =
  | { readonly type: 'text'; readonly line: string }
  /** `outcome` is undefined while nothing is written down yet. */
  | { readonly type: 'command'; readonly command: string; readonly outcome: Outcome | undefined };

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const SECTION = /^-- (\S(?:.*\S)?) --$/;

/** @throws Error naming the line that fits nowhere */
export function parseTranscript(text: string): Transcript {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => SECTION.test(line));
  const scriptEnd = end === -1 ? lines.length : end;
  const filesText = lines.slice(scriptEnd).join('\n');
  return { script: parseScript(lines.slice(0, scriptEnd)), files: parseFiles(lines.slice(scriptEnd)), filesText };
}

function parseScript(lines: readonly string[]): ScriptLine[] {
  const script: ScriptLine[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '' || line.startsWith('#')) script.push({ type: 'text', line });
    else if (line.startsWith('$ ')) {
      const rest = lines.slice(index + 1);
      const length = rest.findIndex((marked) => !/^[|!=]/.test(marked));
      const under = length === -1 ? rest : rest.slice(0, length);
      script.push({ type: 'command', command: line.slice(2), outcome: parseOutcome(under, index + 2) });
      index += under.length;
    } else throw new Error(`line ${index + 1} is neither a comment nor a command: ${line}`);
  }
  return script;
}

function parseOutcome(lines: readonly string[], first: number): Outcome | undefined {
  if (lines.length === 0) return undefined;
  if (!/^\|*!*=$/.test(lines.map((line) => line.charAt(0)).join(''))) {
    throw new Error(`lines ${first} to ${first + lines.length - 1}: write |, then !, then one =`);
  }
  const exitCode = Number(/^= (\d+)$/.exec(lines.at(-1) ?? '')?.[1]);
  if (Number.isNaN(exitCode)) throw new Error(`line ${first + lines.length - 1}: write = and the exit code`);
  return { stdout: unmark(lines, '|'), stderr: unmark(lines, '!'), exitCode };
}

function unmark(lines: readonly string[], mark: string): string {
  const marked = lines.filter((line) => line.startsWith(mark));
  const open = marked.at(-1) === `${mark}~`;
  const texts = (open ? marked.slice(0, -1) : marked).map((line) => line.slice(2));
  return texts.join('\n') + (open || texts.length === 0 ? '' : '\n');
}

function parseFiles(lines: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  let name = '';
  let content: string[] = [];
  for (const line of [...lines, undefined]) {
    const next = line === undefined ? undefined : SECTION.exec(line)?.[1];
    if (line !== undefined && next === undefined) content.push(line);
    else {
      if (name !== '') files.set(inside(name, files), content.join('\n') + (line === undefined ? '' : '\n'));
      name = next ?? '';
      content = [];
    }
  }
  return files;
}

function inside(name: string, files: ReadonlyMap<string, string>): string {
  const normal = path.posix.normalize(name);
  if (normal !== name || path.posix.isAbsolute(name) || name.startsWith('..')) throw new Error(`no file name: ${name}`);
  if (files.has(name)) throw new Error(`two sections are named ${name}`);
  return name;
}

/** The inverse of parseTranscript. */
export function printTranscript({ script, filesText }: Transcript): string {
  const lines = script.flatMap((item) =>
    item.type === 'text' ? [item.line] : [`$ ${item.command}`, ...printOutcome(item.outcome)],
  );
  return [...lines, ...(filesText === '' ? [] : [filesText])].join('\n');
}

function printOutcome(outcome: Outcome | undefined): string[] {
  if (outcome === undefined) return [];
  return [...mark(outcome.stdout, '|'), ...mark(outcome.stderr, '!'), `= ${outcome.exitCode}`];
}

function mark(text: string, sign: string): string[] {
  if (text === '') return [];
  const closed = text.endsWith('\n');
  const lines = (closed ? text.slice(0, -1) : text).split('\n').map((line) => (line === '' ? sign : `${sign} ${line}`));
  return closed ? lines : [...lines, `${sign}~`];
}
