/** `name@range` taken apart. */
export interface Pattern {
  /** Under which name the package is installed. */
  readonly name: string;
  /** The name it was published under: another one after `npm:`. */
  readonly realName: string;
  readonly range: string;
  readonly kind: 'registry' | 'link' | 'local' | 'exotic';
}

/**
 * A pattern of Yarn 1. The range is of the registry unless it says otherwise: a protocol, or `owner/repository`, which
 * no range or tag can contain.
 */
export function parsePattern(pattern: string): Pattern {
  const [name, range] = splitAt(pattern);
  if (range.startsWith('npm:')) {
    return { name, realName: splitAt(range.slice(4))[0], range, kind: 'registry' };
  }
  return { name, realName: name, range, kind: kindOf(range) };
}

function kindOf(range: string): Pattern['kind'] {
  if (range.startsWith('link:')) return 'link';
  if (/^(?:file:|\.{0,2}\/|~\/)/.test(range)) return 'local';
  return range.includes(':') || range.includes('/') ? 'exotic' : 'registry';
}

/** Splits at the first '@' that does not begin a scope. */
function splitAt(text: string): readonly [string, string] {
  const at = text.indexOf('@', 1);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
