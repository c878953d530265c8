import type { Observation } from '../model/evidence.ts';
import type { Edge, Importer } from '../model/lockfile.ts';
import type { ProjectManifest } from '../model/project.ts';
import type { Dependent, EdgeContext } from './context.ts';
import { judgeEdge } from './judge-edge.ts';
import { overrideNote } from './observe.ts';

/** Root and workspaces: what the lockfile records for them is what their manifests ask for, and leads there. */
export function checkImporters(context: EdgeContext): Observation[] {
  const { lockfile, project } = context;
  const recorded = lockfile.importers.flatMap((importer) => checkImporter(importer, context));
  const unrecorded = [...(project?.manifests ?? [])].filter(([path]) => !context.importers.has(path));
  return [...recorded, ...unrecorded.flatMap(([path, manifest]) => missing(path, manifest, new Set(), context))];
}

function checkImporter(importer: Importer, context: EdgeContext): Observation[] {
  const manifest = context.project?.manifests.get(importer.path);
  const declared = manifest === undefined ? undefined : declarationsOf(manifest);
  const edges = importer.edges.flatMap((edge) => checkImporterEdge(edge, importer, declared, context));
  if (context.project === undefined) return edges;
  if (manifest === undefined) return [strangeImporter(importer), ...edges];
  const answered = importer.edges.filter((edge) => edge.target.type !== 'none').map((edge) => edge.name);
  return [...edges, ...missing(importer.path, manifest, new Set(answered), context)];
}

function strangeImporter(importer: Importer): Observation {
  return {
    code: 'specifier-mismatch',
    importer: importer.path,
    position: importer.position,
    detail: 'The lockfile names this directory as part of the project, which declares no such workspace.',
  };
}

/** What the manifest says of one name. */
interface Declaration {
  /** Several where the name is in several groups. */
  readonly specs: readonly string[];
  /** The name is a peer dependency and nothing else: which version answers it is the package manager's affair. */
  readonly isPeer: boolean;
}

function declarationsOf(manifest: ProjectManifest): ReadonlyMap<string, Declaration> {
  const groups = [manifest.dependencies, manifest.optionalDependencies, manifest.devDependencies];
  const required = Map.groupBy(
    groups.flatMap((group) => [...group]),
    ([name]) => name,
  );
  const peers = [...manifest.peerDependencies].map(([name, spec]) => {
    const specs = [...(required.get(name) ?? []).map(([, own]) => own), spec];
    return [name, { specs, isPeer: !required.has(name) }] as const;
  });
  const rest = [...required].map(
    ([name, pairs]) => [name, { specs: pairs.map(([, spec]) => spec), isPeer: false }] as const,
  );
  return new Map([...rest, ...peers]);
}

function checkImporterEdge(
  edge: Edge,
  importer: Importer,
  declared: ReadonlyMap<string, Declaration> | undefined,
  context: EdgeContext,
): Observation[] {
  const about = { importer: importer.path, dependency: edge.name, position: edge.position };
  if (isConfigEdge(edge, context)) return checkConfigEdge(edge, about, context);
  const declaration = declared?.get(edge.name);
  if (declared !== undefined && declaration === undefined) {
    return [{ ...about, code: 'specifier-mismatch', found: edge.spec ?? 'a dependency', detail: UNDECLARED }];
  }
  const specs = declaration?.specs ?? [];
  const asked = specs.find((spec) => isSameSpecifier(spec, edge, context)) ?? specs[0] ?? edge.spec;
  if (asked === undefined) return [];
  const dependent = { type: 'importer', importer } as const;
  const verdict = judgeEdge(edge, asked, dependent, context);
  // The lockfile's word that it is a peer counts only where there is no manifest to ask.
  const isPeer = declaration?.isPeer ?? (edge.kind === 'peer' || edge.kind === 'optional-peer');
  const isStated = isSameSpecifier(asked, edge, context) || isReplacement(edge, asked, dependent, context);
  return [
    ...(isStated ? [] : [{ ...about, code: 'specifier-mismatch', expected: asked, found: edge.spec } as const]),
    ...(verdict.objection === undefined || isPeer ? [] : [{ ...about, ...verdict.objection }]),
    ...(verdict.override === undefined ? [] : [overrideNote(verdict.override, edge, about)]),
  ];
}

const UNDECLARED = 'The manifest does not declare this dependency.';

/** pnpm writes the replacement where an override applies. An edge without a specifier states nothing. */
function isReplacement({ name, spec }: Edge, asked: string, dependent: Dependent, context: EdgeContext): boolean {
  if (spec === undefined) return true;
  return context.overrides.applicable(dependent, name, asked).some(({ replacement }) => replacement === spec);
}

/** Same text, or the same once protocol defaults and catalogs are resolved. */
function isSameSpecifier(asked: string, edge: Edge, context: EdgeContext): boolean {
  if (edge.spec === undefined) return false;
  if (edge.spec === asked) return true;
  const [left, right] = [context.specifier(edge.name, edge.spec), context.specifier(edge.name, asked)];
  return left.type !== 'unknown' && JSON.stringify(left) === JSON.stringify(right);
}

/** Config dependencies run inside the package manager; they are declared apart from package.json's groups. */
function isConfigEdge(edge: Edge, context: EdgeContext): boolean {
  return edge.target.type === 'entry' && context.entries.get(edge.target.id)?.flags.config === true;
}

function checkConfigEdge(
  edge: Edge,
  about: Pick<Observation, 'importer' | 'dependency' | 'position'>,
  context: EdgeContext,
): Observation[] {
  const declared = context.project?.configDependencies.get(edge.name);
  const isManager = edge.name === 'pnpm' || edge.name.startsWith('@pnpm/exe');
  if (context.project !== undefined && declared === undefined && !isManager) {
    return [{ ...about, code: 'specifier-mismatch', found: edge.spec, detail: 'No configDependencies declare this.' }];
  }
  // Older pnpm keeps the integrity in the specifier: `1.0.0+sha512-…`.
  const asked = (declared ?? edge.spec)?.replace(/\+sha\d+-.*$/s, '');
  if (asked === undefined) return [];
  const dependent = { type: 'importer', importer: { path: '.', edges: [], position: undefined } } as const;
  const { objection } = judgeEdge(edge, asked, dependent, context);
  return objection === undefined ? [] : [{ ...about, ...objection }];
}

/** What the manifest requires and no edge answers. */
function missing(
  path: string,
  manifest: ProjectManifest,
  answered: ReadonlySet<string>,
  context: EdgeContext,
): Observation[] {
  const ignored = new Set(context.project?.ignoredOptionalDependencies ?? []);
  const optional = [...manifest.optionalDependencies].filter(([name]) => !ignored.has(name));
  const required = new Map([...manifest.devDependencies, ...manifest.dependencies, ...optional]);
  const importer = context.importers.get(path) ?? { path, edges: [], position: undefined };
  return [...required].flatMap(([name, spec]): Observation[] => {
    if (answered.has(name) || isExcused(name, spec, importer, context)) return [];
    return [{ code: 'dependency-not-locked', importer: path, dependency: name, expected: spec }];
  });
}

function isExcused(name: string, spec: string, importer: Importer, context: EdgeContext): boolean {
  const parsed = context.specifier(name, spec);
  // pnpm's setting excludeLinksFromLockfile leaves links out; they hold nothing to verify.
  if (context.lockfile.format === 'pnpm' && parsed.type === 'local' && parsed.protocol === 'link') return true;
  const overrides = context.overrides.applicable({ type: 'importer', importer }, name, spec);
  return overrides.some(({ replacement }) => replacement === '-');
}
