import type { Edge, Importer, Lockfile, LockfileClaims } from '@lockseal/core';
import { withAliases } from '../aliases.ts';
import { readFields, type Fields } from '../json/fields.ts';
import { UnexpectedFields, memberNames } from '../json/unexpected.ts';
import type { LockfileText } from '../text.ts';
import { readEntries } from './entries.ts';
import { DenoIndex } from './index-entries.ts';
import { parseSpecifier } from './package-key.ts';
import { readSections, type DenoSections } from './sections.ts';

const KNOWN: ReadonlySet<string> = memberNames('version specifiers npm jsr remote redirects workspace packages');
const KNOWN_WORKSPACE: ReadonlySet<string> = memberNames(
  'dependencies packageJson members links patches overrides catalog catalogs',
);

/**
 * deno.lock, versions 3 to 5. Dependencies of package.json that are no registry packages (file:, git, URLs) and its
 * root optionalDependencies are silently absent from this format; the project's manifests tell.
 */
export function readDeno(text: LockfileText): Lockfile {
  const root = readFields(text, 'json');
  const unexpected = new UnexpectedFields();
  unexpected.check('deno.lock', root, KNOWN);
  const sections = readSections(root);
  const index = new DenoIndex(sections);
  const importers = importersOf(sections, index, unexpected);
  const entries = readEntries(sections, index, unexpected);
  return {
    path: text.path,
    format: 'deno',
    formatVersion: sections.version,
    bytes: text.bytes,
    entries: withAliases(entries, []),
    importers,
    descriptors: index.specifiers,
    claims: claimsOf(sections.workspace),
    observations: unexpected.observations,
  };
}

function importersOf(sections: DenoSections, index: DenoIndex, unexpected: UnexpectedFields): readonly Importer[] {
  const { workspace } = sections;
  if (workspace === undefined) return [];
  unexpected.check('a deno workspace', workspace, KNOWN_WORKSPACE);
  const importers = [importerOf('.', workspace, index)];
  for (const [path, member] of workspace.table('members')?.tables() ?? []) {
    unexpected.check('a deno workspace', member, KNOWN_WORKSPACE);
    importers.push(importerOf(path, member, index));
  }
  return importers;
}

/** deno.json's imports and package.json's dependencies. Deno records neither aliases nor dependency groups. */
function importerOf(path: string, fields: Fields, index: DenoIndex): Importer {
  const packageJson = fields.table('packageJson');
  const edges = [fields, packageJson].flatMap((table) => (table === undefined ? [] : edgesOf(table, index)));
  return { path, edges, position: fields.position };
}

function edgesOf(fields: Fields, index: DenoIndex): readonly Edge[] {
  return fields.strings('dependencies').map((text) => {
    const specifier = parseSpecifier(text);
    if (specifier === undefined) throw fields.refuse('dependencies', 'npm: and jsr: specifiers', JSON.stringify(text));
    const { scheme, name, range } = specifier;
    const spec = scheme === 'npm' ? range : text;
    return { name, kind: 'prod', spec, target: index.specified(text), position: fields.position };
  });
}

function claimsOf(workspace: Fields | undefined): LockfileClaims {
  const overrides = workspace?.table('packageJson')?.stringMap('overrides') ?? new Map<string, string>();
  return { overrides, packageExtensions: [], patches: new Map(), catalogs: new Map() };
}
