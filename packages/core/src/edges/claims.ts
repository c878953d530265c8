import type { Observation } from '../model/evidence.ts';
import type { DeclaredOverride, Project } from '../model/project.ts';
import type { EdgeContext } from './context.ts';
import { parseNameAndRange, parseOverrideSelector, selectorKey } from './override-selector.ts';

/** What the lockfile says that the project declares, held against what the project does declare. */
export function checkClaims(context: EdgeContext): Observation[] {
  const { project } = context;
  if (project === undefined) return [];
  return [
    ...checkOverrides(project, context),
    ...checkExtensions(project, context),
    ...checkCatalogs(project, context),
  ];
}

function checkOverrides(project: Project, context: EdgeContext): Observation[] {
  const { claims, format } = context.lockfile;
  const declared = Map.groupBy(project.overrides, selectorKey);
  return [...claims.overrides].flatMap(([selector, replacement]) => {
    const parsed = parseOverrideSelector(selector, format);
    const candidates = declared.get(selectorKey(parsed)) ?? [];
    const resolved = resolveCatalog(parsed.target.name, replacement, context);
    if (candidates.some((override) => isSame(override, replacement) || isSame(override, resolved))) return [];
    const expected = candidates.map((override) => override.replacement).join(' or ');
    return [undeclared(parsed.target.name, `${selector}: ${replacement}`, expected === '' ? undefined : expected)];
  });
}

function isSame(override: DeclaredOverride, replacement: string | undefined): boolean {
  return override.replacement === replacement;
}

function resolveCatalog(name: string, replacement: string, { project }: EdgeContext): string | undefined {
  const catalog = /^catalog:(.*)$/.exec(replacement)?.[1];
  if (catalog === undefined) return undefined;
  return project?.catalogs.get(catalog === '' ? 'default' : catalog)?.get(name);
}

function checkExtensions(project: Project, { lockfile }: EdgeContext): Observation[] {
  const key = (selector: { readonly name: string; readonly range: string | undefined }): string =>
    selectorKey({ parents: [], target: selector });
  const declared = new Set(project.packageExtensions.map(({ selector }) => key(selector)));
  const claimed = lockfile.claims.packageExtensions.filter((text) => !declared.has(key(parseNameAndRange(text))));
  return claimed.map((text) => undeclared(parseNameAndRange(text).name, `package extension of ${text}`, undefined));
}

function checkCatalogs(project: Project, { lockfile }: EdgeContext): Observation[] {
  return [...lockfile.claims.catalogs].flatMap(([catalog, members]) =>
    [...members].flatMap(([name, found]): Observation[] => {
      const expected = project.catalogs.get(catalog)?.get(name);
      if (expected === found) return [];
      return [{ code: 'specifier-mismatch', dependency: name, expected, found, detail: `Catalog ${catalog}.` }];
    }),
  );
}

function undeclared(dependency: string, found: string, expected: string | undefined): Observation {
  return { code: 'override-undeclared', dependency, expected, found };
}
