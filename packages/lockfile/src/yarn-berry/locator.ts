/** `name@reference`, or `name@range` in a descriptor. */
export interface Ident {
  readonly name: string;
  readonly reference: string;
}

/** A reference or range taken apart: `protocol:selector#fragment::parameters`. */
export interface Reference {
  /** Without the colon; undefined for `git@host:…` and bare ranges. */
  readonly protocol: string | undefined;
  readonly selector: string;
  readonly fragment: string | undefined;
  /** Decoded; undefined when a name is given twice or the text is not URL-encoded. */
  readonly parameters: ReadonlyMap<string, string> | undefined;
}

/** Splits at the first '@' that does not begin a scope; undefined where there is none. */
export function parseIdent(text: string): Ident | undefined {
  const at = text.indexOf('@', 1);
  return at < 0 ? undefined : { name: text.slice(0, at), reference: text.slice(at + 1) };
}

/**
 * As Yarn's structUtils.parseRange reads it: parameters after the first `::`, then the fragment after the first '#',
 * then the protocol up to the first ':'.
 */
export function parseReference(text: string): Reference {
  const [head, parameters] = cut(text, '::');
  const [front, fragment] = cut(head, '#');
  const colon = /^([a-z][a-z0-9+.-]*):/i.exec(front);
  const protocol = colon?.[1];
  return {
    protocol,
    selector: protocol === undefined ? front : front.slice(protocol.length + 1),
    fragment,
    parameters: parseParameters(parameters),
  };
}

/** The name that a descriptor asks for: another one than its own after `npm:name@range`. */
export function realNameOf(descriptor: Ident): string {
  if (!descriptor.reference.startsWith('npm:')) return descriptor.name;
  const inner = parseIdent(descriptor.reference.slice('npm:'.length));
  return inner === undefined ? descriptor.name : inner.name;
}

/** Text that Yarn URL-encoded; undefined when it is not. */
export function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function parseParameters(text: string | undefined): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  if (text === undefined) return parameters;
  for (const pair of text.split('&')) {
    const [name, value] = cut(pair, '=');
    const decoded = decode(value ?? '');
    if (decoded === undefined || parameters.has(name)) return undefined;
    parameters.set(name, decoded);
  }
  return parameters;
}

function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
