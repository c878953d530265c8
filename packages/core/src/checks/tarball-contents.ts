import type { CheckResult, Observation } from '../model/evidence.ts';
import type { Manifest, TarballFacts, VersionDocument } from '../model/manifest.ts';
import type { TarballShape } from '../model/published.ts';
import { toSpec } from '../package-id.ts';
import type { Fetched } from '../ports.ts';
import type { PublishedEntry } from '../model/lockfile.ts';
import type { BoundBytes } from './bind-bytes.ts';

export interface TarballContents {
  readonly result: CheckResult<{ readonly size: number; readonly files: number; readonly scripts: readonly string[] }>;
  readonly observations: readonly Observation[];
}

/** Scripts that package managers run when they install a published package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const;

/**
 * Check 8: the real bytes. package.json inside says the same name and version; what it declares is what the registry
 * says it declares ("manifest confusion" otherwise); code that runs at install time is known as such.
 */
export function checkTarballContents(
  entry: PublishedEntry,
  bytes: BoundBytes,
  document: Fetched<VersionDocument>,
): TarballContents {
  const { tarball, failure } = bytes;
  if (failure !== undefined) {
    const error = failure.status === 'unavailable' ? failure.error : 'ERR_HTTP';
    return { result: { status: 'unavailable', error, reason: failure.reason }, observations: [] };
  }
  if (tarball === undefined) return { result: { status: 'not-applicable', reason: 'not read' }, observations: [] };
  const observations = [
    ...checkName(entry, tarball),
    ...(document.status === 'ok' ? compareManifests(entry, tarball.manifest, document.value) : []),
    ...checkScripts(entry, tarball, document),
    ...checkOddities(entry, tarball),
  ];
  const { size, files } = tarball;
  return { result: { status: 'verified', size, files, scripts: installScripts(tarball) }, observations };
}

/** Names of the scripts that run at install time; `binding.gyp` alone makes npm run node-gyp. */
export function installScripts(tarball: Pick<TarballFacts, 'manifest' | 'hasBindingGyp'>): string[] {
  const { scripts } = tarball.manifest;
  const named: string[] = INSTALL_SCRIPTS.filter((name) => scripts.has(name));
  const isImplicit = tarball.hasBindingGyp && !scripts.has('install') && !scripts.has('preinstall');
  return isImplicit ? [...named, 'binding.gyp'] : named;
}

/** What evidence keeps of a tarball, to be compared with another version's. */
export function shapeOf({ files, unpackedSize, size, hasBindingGyp, list }: TarballFacts): TarballShape {
  return { files, unpackedSize, size, hasBindingGyp, list };
}

function checkName(entry: PublishedEntry, tarball: TarballFacts): Observation[] {
  const found = toSpec(tarball.manifest.name ?? '(no name)', tarball.manifest.version ?? '(no version)');
  const expected = toSpec(entry.name, entry.version);
  if (found === expected) return [];
  const detail = 'The package.json inside the tarball is of another package.';
  return [{ code: 'name-mismatch', entry: entry.id, position: entry.position, expected, found, detail }];
}

const COMPARED = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;

function compareManifests(entry: PublishedEntry, inside: Manifest, document: VersionDocument): Observation[] {
  const told = document.manifest;
  const differences: string[] = COMPARED.filter((table) => !isSameTable(inside[table], told[table]));
  if (!isSameTable(hooks(inside), hooks(told))) differences.push('install scripts');
  if (differences.length === 0) return [];
  return [{ code: 'manifest-mismatch', entry: entry.id, detail: `They differ in ${differences.join(', ')}.` }];
}

/** npm adds `install: node-gyp rebuild` to what it publishes when there is a binding.gyp. */
function hooks(manifest: Manifest): ReadonlyMap<string, string> {
  const isAdded = (name: string, text: string): boolean => name === 'install' && text === 'node-gyp rebuild';
  const names = new Set<string>(INSTALL_SCRIPTS);
  return new Map([...manifest.scripts].filter(([name, text]) => names.has(name) && !isAdded(name, text)));
}

function isSameTable(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function checkScripts(entry: PublishedEntry, tarball: TarballFacts, document: Fetched<VersionDocument>): Observation[] {
  const scripts = installScripts(tarball);
  if (scripts.length === 0) return [];
  const told = document.status === 'ok' ? document.value.hasInstallScript : undefined;
  const isDenied = entry.hasInstallScript === false || (entry.hasInstallScript === undefined && told === false);
  if (!isDenied) return [];
  return [{ code: 'script-undeclared', entry: entry.id, expected: 'no install script', found: scripts.join(', ') }];
}

function checkOddities(entry: PublishedEntry, tarball: TarballFacts): Observation[] {
  if (tarball.oddities.length === 0) return [];
  return [{ code: 'tarball-odd', entry: entry.id, found: tarball.oddities.join('; ') }];
}
