import type { Lockfile } from '@lockseal/core';
import { readFields, type Fields } from '../json/fields.ts';
import { UnexpectedFields, memberNames } from '../json/unexpected.ts';
import type { JsonValue } from '../json/value.ts';
import type { LockfileText } from '../text.ts';
import { assemble, claimsOf, type Sections } from './assemble.ts';
import { findBundlers, findTreeBundlers } from './bundles.ts';
import { compareSections } from './compare-sections.ts';
import type { NpmEntry } from './entry.ts';
import { isNormalPath } from './location.ts';
import { readDependencies, readPackages } from './packages-section.ts';
import { readTree, readTreeBeside } from './tree-section.ts';
import { NpmTree } from './tree.ts';
import { workspacesOf } from './workspaces.ts';

const KNOWN: ReadonlySet<string> = memberNames(
  'name version lockfileVersion requires packages dependencies preserveSymlinks packageIntegrity',
);

/**
 * package-lock.json, npm-shrinkwrap.json and node_modules/.package-lock.json, versions 1 to 4. As in npm 7 and later
 * a `packages` section is the one that counts, whatever lockfileVersion says; where there is a `dependencies` tree
 * beside it, the two are compared.
 * @param json the text as strict JSON, where it has been read already
 */
export function readNpm(text: LockfileText, json?: JsonValue): Lockfile {
  const root = readFields(text, 'json', json);
  const unexpected = new UnexpectedFields();
  unexpected.check('an npm lockfile', root, KNOWN);
  const formatVersion = versionOf(root);
  const sections = readSections(root, unexpected);
  const contents = assemble(text.path, sections);
  return {
    path: text.path,
    format: 'npm',
    formatVersion,
    bytes: text.bytes,
    ...contents,
    descriptors: new Map(),
    claims: claimsOf(sections.entries),
    observations: [...unexpected.observations, ...sections.observations, ...contents.observations],
  };
}

function versionOf(root: Fields): string {
  const version = root.value('lockfileVersion');
  if (version === 1 || version === 2 || version === 3 || version === 4) return String(version);
  const found =
    typeof version === 'number' ? String(version) : root.wrongType('lockfileVersion', 'a number').details.found;
  throw root.refuse('lockfileVersion', '1, 2, 3 or 4', found ?? 'nothing', 'ERR_LOCKFILE_VERSION');
}

function readSections(root: Fields, unexpected: UnexpectedFields): Sections {
  const packages = root.table('packages');
  const dependencies = root.table('dependencies');
  if (packages !== undefined) return readModern(packages, dependencies, unexpected);
  // An empty tree is what npm 6 writes for an empty project; later versions always write `packages`.
  if (root.value('lockfileVersion') !== 1) throw root.wrongType('packages', 'an object');
  const entries = dependencies === undefined ? [] : readTree(dependencies, unexpected);
  const workspaces = new Set<string>();
  const tree = new NpmTree(entries, workspaces);
  const bundlers = findTreeBundlers(entries, tree);
  const none = { rootDependencies: undefined, rootFields: undefined, observations: [] };
  return { entries, tree, bundlers, workspaces, ...none };
}

function readModern(packages: Fields, dependencies: Fields | undefined, unexpected: UnexpectedFields): Sections {
  const { root, entries } = readPackages(packages, unexpected);
  for (const entry of entries) checkLink(packages, entry);
  const workspaces = workspacesOf(root, entries);
  const tree = new NpmTree(entries, workspaces);
  return {
    entries,
    tree,
    bundlers: findBundlers(entries, tree),
    rootDependencies: root === undefined ? undefined : readDependencies(root),
    rootFields: root,
    workspaces,
    observations:
      dependencies === undefined ? [] : compareSections(entries, tree, readTreeBeside(tree, dependencies, unexpected)),
  };
}

/** A link says where it leads, in the one normal spelling; '' is the root project itself. */
function checkLink(packages: Fields, entry: NpmEntry): void {
  if (!entry.link || entry.resolved === '') return;
  const { key } = entry.location;
  if (entry.resolved === undefined) throw packages.refuse(key, 'a link with a resolved path', 'no resolved');
  if (isNormalPath(entry.resolved)) return;
  const found = JSON.stringify(entry.resolved);
  throw packages.refuse(key, 'a link to a relative path in normal form', found, 'ERR_LOCKFILE_PATH');
}
