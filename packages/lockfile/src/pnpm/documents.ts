import { LocksealError } from '@lockseal/core';
import { positionAt } from '../position.ts';
import type { LockfileText } from '../text.ts';
import type { YamlSource } from '../yaml/load.ts';

const START = '---\n';
const SEPARATOR = '\n---\n';

export interface PnpmDocuments {
  /** The env lockfile: pnpm itself and the packages that configure it. */
  readonly env: YamlSource | undefined;
  /** undefined: the file is an env lockfile and nothing else. */
  readonly project: YamlSource | undefined;
}

/**
 * Splits as pnpm 10.34 and later do, which is by text and not by YAML: only a file that begins with `---` has an env
 * document, and the next line that is `---` ends it. Any further marker would make YAML readers count other documents
 * than pnpm does, so it is refused. CRLF counts as LF.
 * https://github.com/pnpm/pnpm/blob/main/pnpm11/lockfile/fs/src/yamlDocuments.ts
 * @throws LocksealError ERR_LOCKFILE_DOCUMENTS
 */
export function splitDocuments(source: LockfileText): PnpmDocuments {
  const text = source.text.replaceAll('\r\n', '\n');
  const whole: YamlSource = { path: source.path, text, linesBefore: 0 };
  if (!text.startsWith(START)) return { env: undefined, project: withoutMarkers(whole) };
  const end = text.indexOf(SEPARATOR, START.length);
  const env = withoutMarkers({
    path: source.path,
    text: text.slice(START.length, end < 0 ? text.length : end + 1),
    linesBefore: 1,
  });
  if (end < 0) return { env, project: undefined };
  const after = end + SEPARATOR.length;
  const linesBefore = positionAt(text, after).line - 1;
  return { env, project: withoutMarkers({ path: source.path, text: text.slice(after), linesBefore }) };
}

function withoutMarkers(source: YamlSource): YamlSource {
  const marker = /^(?:---|\.\.\.)(?:\s|$)/m.exec(source.text);
  if (marker === null) return source;
  const { line, column } = positionAt(source.text, marker.index);
  throw new LocksealError('ERR_LOCKFILE_DOCUMENTS', `${source.path} holds a document that pnpm would not look for`, {
    file: source.path,
    position: { line: line + source.linesBefore, column },
    expected: 'one project document, and before it at most one env document between two lines `---`',
    found: marker[0].trim(),
    hint: 'Restore the lockfile from the last good commit.',
  });
}
