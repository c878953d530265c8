/** What a patch does to one file. Text is one code unit a byte (latin1), so that no byte is lost. */
export interface FilePatch {
  /** undefined: the patch makes the file. */
  readonly from: string | undefined;
  /** undefined: the patch removes it. */
  readonly to: string | undefined;
  readonly hunks: readonly Hunk[];
}

interface Hunk {
  /** Lines of the patched file before it. */
  readonly before: number;
  readonly lines: readonly HunkLine[];
}

interface HunkLine {
  readonly sign: ' ' | '+' | '-';
  /** With its line end, if it has one. */
  readonly text: string;
}

const HEADER = /^(?:index |(?:old|new) mode |(?:new|deleted) file mode |diff --git |similarity )/;
const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;

/**
 * A patch as `git diff` writes it, which all package managers keep. undefined: it does what cannot be taken back line by
 * line (renamed or binary files, quoted names), or is no patch.
 */
export function parsePatch(bytes: Uint8Array): ReadonlyMap<string, FilePatch> | undefined {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const files = new Map<string, FilePatch>();
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    if (line.startsWith('--- ')) {
      const read = readFile(lines, at);
      const path = read?.patch.to ?? read?.patch.from;
      if (read === undefined || path === undefined || files.has(path)) return undefined;
      files.set(path, read.patch);
      at = read.next;
    } else if (line === '' || HEADER.test(line)) at++;
    else return undefined;
  }
  return files;
}

/** The file as it was before the patch; undefined: the patch does not lead to these bytes. */
export function takeBack(patched: Uint8Array, { hunks }: FilePatch): Buffer | undefined {
  const lines =
    Buffer.from(patched)
      .toString('latin1')
      .match(/[^\n]*\n|[^\n]+/g) ?? [];
  const original: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    if (hunk.before < at || hunk.before > lines.length) return undefined;
    original.push(...lines.slice(at, hunk.before));
    at = hunk.before;
    for (const { sign, text } of hunk.lines) {
      if (sign !== '-' && lines[at++] !== text) return undefined;
      if (sign !== '+') original.push(text);
    }
  }
  return Buffer.from([...original, ...lines.slice(at)].join(''), 'latin1');
}

function readFile(lines: readonly string[], start: number): { patch: FilePatch; next: number } | undefined {
  const from = nameIn(lines[start], '--- ', 'a/');
  const to = nameIn(lines[start + 1], '+++ ', 'b/');
  if (from === 'strange' || to === 'strange') return undefined;
  if (from.name !== undefined && to.name !== undefined && from.name !== to.name) return undefined;
  const hunks: Hunk[] = [];
  let at = start + 2;
  while (lines[at]?.startsWith('@@ ') === true) {
    const read = readHunk(lines, at);
    if (read === undefined) return undefined;
    hunks.push(read.hunk);
    at = read.next;
  }
  return { patch: { from: from.name, to: to.name, hunks }, next: at };
}

function nameIn(line: string | undefined, mark: string, side: string): { name: string | undefined } | 'strange' {
  const text = line?.startsWith(mark) === true ? line.slice(mark.length).replace(/\t.*$/, '') : undefined;
  if (text === '/dev/null') return { name: undefined };
  return text?.startsWith(side) === true ? { name: text.slice(side.length) } : 'strange';
}

function readHunk(lines: readonly string[], start: number): { hunk: Hunk; next: number } | undefined {
  const [, , was = '1', line = '0', is = '1'] = HUNK.exec(lines[start] ?? '') ?? [];
  const left = { '-': Number(was), '+': Number(is) };
  const read: HunkLine[] = [];
  let at = start + 1;
  for (; left['-'] > 0 || left['+'] > 0; at++) {
    const text = lines[at] ?? '';
    // Editors that trim lines leave the sign of an empty line out.
    const sign = text === '' && at + 1 < lines.length ? ' ' : text.charAt(0);
    if (sign !== ' ' && sign !== '+' && sign !== '-') return undefined;
    if (sign !== '+') left['-']--;
    if (sign !== '-') left['+']--;
    const isCut = lines[at + 1]?.startsWith('\\ ') === true;
    read.push({ sign, text: isCut ? text.slice(1) : `${text.slice(1)}\n` });
    if (isCut) at++;
  }
  if (left['-'] < 0 || left['+'] < 0) return undefined;
  return { hunk: { before: Math.max(0, Number(is) === 0 ? Number(line) : Number(line) - 1), lines: read }, next: at };
}
