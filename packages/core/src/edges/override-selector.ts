import type { Lockfile, LockfileFormat } from '../model/lockfile.ts';
import type { DeclaredOverride, OverrideSelector } from '../model/project.ts';

/** An override's key, parsed: the dependents it is limited to (outermost first), and what it replaces. */
export interface ParsedSelector {
  readonly parents: readonly OverrideSelector[];
  readonly target: OverrideSelector;
}

/**
 * Parses the key of one flat override as the lockfile's package manager does: pnpm's `a@1>b@2`, Yarn's `a/b`,
 * `**` + `/a` and `a@npm:1.0.0`, bun's bare names. (npm's nested objects are walked by the loader.) Of vlt's selector
 * language only the package that a selector ends with is understood; its conditions are not.
 * https://pnpm.io/settings#overrides, https://yarnpkg.com/configuration/manifest#resolutions
 */
export function parseOverrideSelector(key: string, format: LockfileFormat): ParsedSelector {
  if (format === 'vlt')
    return { parents: [], target: { name: /#([^\s#>:]+)[^#]*$/.exec(key)?.[1] ?? key, range: undefined } };
  const parts = format === 'pnpm' ? splitArrows(key) : splitSlashes(key);
  const selectors = parts.map(parseNameAndRange);
  const target = selectors.at(-1) ?? { name: key, range: undefined };
  return { parents: selectors.slice(0, -1), target };
}

/** `name@range`; a leading '@' belongs to the scope, and Yarn's `npm:` before the range says nothing more. */
export function parseNameAndRange(text: string): OverrideSelector {
  const at = text.indexOf('@', 1);
  if (at < 0) return { name: text, range: undefined };
  const range = text.slice(at + 1).replace(/^npm:/, '');
  return { name: text.slice(0, at), range: range === '' || range === '*' ? undefined : range };
}

/** The overrides that the lockfile itself repeats, as if they were declared. */
export function claimedOverrides(lockfile: Lockfile): readonly DeclaredOverride[] {
  return [...lockfile.claims.overrides].map(([key, replacement]) => ({
    ...parseOverrideSelector(key, lockfile.format),
    replacement,
    origin: lockfile.path,
  }));
}

/** One spelling for a selector, to compare two. */
export function selectorKey(selector: ParsedSelector): string {
  const show = ({ name, range }: OverrideSelector): string => (range === undefined ? name : `${name}@${range}`);
  return [...selector.parents, selector.target].map(show).join('>');
}

/** '>' separates unless it begins a range (`a@>1`, `a@1 >2`) as pnpm's own pattern says: a '>' after [^ |@]. */
function splitArrows(key: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = key.indexOf('>'); at >= 0; at = key.indexOf('>', at + 1)) {
    if (at === start || ' |@'.includes(key.charAt(at - 1))) continue;
    parts.push(key.slice(start, at));
    start = at + 1;
  }
  return [...parts, key.slice(start)];
}

function splitSlashes(key: string): readonly string[] {
  const segments = key.split('/').filter((segment) => segment !== '**' && segment !== '*' && segment !== '');
  const parts: string[] = [];
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] ?? '';
    const scoped = segment.startsWith('@') && index + 1 < segments.length;
    parts.push(scoped ? `${segment}/${segments[++index] ?? ''}` : segment);
  }
  return parts.length === 0 ? [key] : parts;
}
