/**
 * vlt's name of a node, taken apart: a kind and its fields. Three spellings are known, told apart by their
 * delimiter and escapes (vlt src/dep-id):
 *
 *     ··@s%2Fn@1.0.0    2024: middle dots, percent escapes
 *     ··@s§n@1.0.0      then: § for the slash
 *     ~npm~@s+n@1.0.0   1.0: tildes; + is a slash, and _ begins an escape
 */
export type DepId =
  /** `registry` is undefined for the default one. `extra` holds modifiers and peer sets. */
  | { readonly kind: 'registry'; readonly registry: string | undefined; readonly spec: string; readonly extra: string }
  | { readonly kind: 'git'; readonly repository: string; readonly commit: string; readonly extra: string }
  | { readonly kind: 'file' | 'remote' | 'workspace'; readonly path: string; readonly extra: string };

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['_d', '.'],
  ['_p', '+'],
  ['_c', ':'],
  ['_t', '~'],
  ['__', '_'],
]);

/** undefined for what is in none of the three spellings, or holds an escape that is not known. */
export function parseDepId(id: string): DepId | undefined {
  const delimiter = id.includes('~') ? '~' : '·';
  const fields = id.split(delimiter).map(delimiter === '~' ? decodeTilde : decodeDot);
  const [kind, first, second, ...rest] = fields;
  if (first === undefined || fields.includes(undefined) || rest.length > 1) return undefined;
  const extra = (many: readonly (string | undefined)[]): string => many.map((field) => field ?? '').join(delimiter);
  if (kind === '' && second !== undefined) {
    const registry = first === '' || first === 'npm' ? undefined : first;
    return { kind: 'registry', registry, spec: second, extra: extra(rest) };
  }
  if (kind === 'git' && second !== undefined) {
    return { kind, repository: first, commit: second, extra: extra(rest) };
  }
  if ((kind === 'file' || kind === 'remote' || kind === 'workspace') && rest.length === 0) {
    return { kind, path: first, extra: extra([second]) };
  }
  return undefined;
}

function decodeTilde(field: string): string | undefined {
  let known = true;
  const decoded = field.replace(/_.?|\+/gs, (escape) => {
    if (escape === '+') return '/';
    const character = ESCAPES.get(escape);
    known &&= character !== undefined;
    return character ?? '';
  });
  return known ? decoded : undefined;
}

function decodeDot(field: string): string | undefined {
  try {
    return decodeURIComponent(field.replaceAll('§', '/'));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
