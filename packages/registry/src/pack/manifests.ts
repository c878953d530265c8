import {
  ShapeError,
  type Json,
  type JsonNode,
  type Manifest,
  type TarballFacts,
  type TarballFile,
  type VersionDocument,
} from '@lockseal/core';

/** Longest text: scripts and deprecations can be long, and a registry's whole document is bounded by 8 MiB. */
const MAX_TEXT = 8 * 1024 * 1024;
const MAX_MEMBERS = 20_000;

const PROGRAMS = ['elf', 'mach-o', 'pe', 'wasm', 'script'] as const;
/** More files than that are not listed (`TarballFacts.list`). */
const MAX_FILES = 200_000;

/** The names of all members: one that is added to the type must be added here, so that packs do not lose it. */
function membersOf<T>() {
  return <const Names extends readonly (keyof T & string)[]>(
    ...names: Exclude<keyof T, Names[number]> extends never ? Names : never
  ): readonly string[] => names;
}

const DOCUMENT = membersOf<VersionDocument>()('manifest', 'dist', 'hasInstallScript', 'publishedAt', 'publisher');
const DIST = membersOf<VersionDocument['dist']>()(
  'tarball',
  'integrity',
  'shasum',
  'signatures',
  'announcesAttestations',
);
const MANIFEST = membersOf<Manifest>()(
  'name',
  'version',
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'optionalPeers',
  'bundleDependencies',
  'scripts',
  'deprecated',
  'license',
  'platformBound',
);
const TARBALL = membersOf<TarballFacts>()(
  'sha512',
  'sha1',
  'tarSha512',
  'hasBindingGyp',
  'size',
  'files',
  'unpackedSize',
  'list',
  'bundled',
  'oddities',
  'manifest',
  'yarnZip',
);

type Members = { readonly [key: string]: Json };

/** What checks and edges look at; empty tables and what is not known are left out. Tables are lists of pairs, in order. */
function encodeManifest(manifest: Manifest): Json {
  const { name, version, deprecated, license, platformBound } = manifest;
  return compact({
    name,
    version,
    dependencies: encodeTable(manifest.dependencies),
    optionalDependencies: encodeTable(manifest.optionalDependencies),
    peerDependencies: encodeTable(manifest.peerDependencies),
    optionalPeers: encodeList([...manifest.optionalPeers]),
    bundleDependencies: encodeList(manifest.bundleDependencies),
    scripts: encodeTable(manifest.scripts),
    deprecated,
    license,
    platformBound,
  });
}

function decodeManifest(node: JsonNode): Manifest {
  node.only(...MANIFEST);
  return {
    name: textIn(node, 'name'),
    version: textIn(node, 'version'),
    dependencies: tableIn(node, 'dependencies'),
    optionalDependencies: tableIn(node, 'optionalDependencies'),
    peerDependencies: tableIn(node, 'peerDependencies'),
    optionalPeers: new Set(listIn(node, 'optionalPeers')),
    bundleDependencies: listIn(node, 'bundleDependencies'),
    scripts: tableIn(node, 'scripts'),
    deprecated: textIn(node, 'deprecated'),
    license: textIn(node, 'license'),
    platformBound: flagIn(node, 'platformBound'),
  };
}

export function encodeDocument({ manifest, dist, hasInstallScript, publishedAt, publisher }: VersionDocument): Json {
  const { tarball, integrity, shasum, signatures, announcesAttestations } = dist;
  const signed = signatures.map(({ keyid, sig }) => ({ keyid, sig }));
  return compact({
    manifest: encodeManifest(manifest),
    dist: compact({ tarball, integrity, shasum, signatures: signed, announcesAttestations }),
    hasInstallScript,
    publishedAt,
    publisher,
  });
}

export function decodeDocument(node: JsonNode): VersionDocument {
  node.only(...DOCUMENT);
  const dist = node.member('dist').only(...DIST);
  return {
    manifest: decodeManifest(node.member('manifest')),
    dist: {
      tarball: textIn(dist, 'tarball'),
      integrity: textIn(dist, 'integrity'),
      shasum: textIn(dist, 'shasum'),
      signatures: dist
        .member('signatures')
        .list(100)
        .map((signature) => {
          signature.only('keyid', 'sig');
          return { keyid: signature.member('keyid').text(MAX_TEXT), sig: signature.member('sig').text(MAX_TEXT) };
        }),
      announcesAttestations: flagIn(dist, 'announcesAttestations') ?? false,
    },
    hasInstallScript: flagIn(node, 'hasInstallScript'),
    publishedAt: textIn(node, 'publishedAt'),
    publisher: textIn(node, 'publisher'),
  };
}

export function encodeTarball(facts: TarballFacts): Json {
  const { size, sha512, sha1, tarSha512, manifest, hasBindingGyp, files, unpackedSize, list, bundled, oddities } =
    facts;
  const zips = [...facts.yarnZip].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return compact({
    sha512,
    sha1,
    tarSha512,
    hasBindingGyp,
    size,
    files,
    unpackedSize,
    list: list?.map(encodeFile),
    bundled: encodeList(bundled),
    oddities: encodeList(oddities),
    manifest: encodeManifest(manifest),
    yarnZip: encodeTable(new Map(zips)),
  });
}

export function decodeTarball(node: JsonNode): TarballFacts {
  node.only(...TARBALL);
  return {
    size: node.member('size').count(),
    sha512: node.member('sha512').text(128),
    sha1: node.member('sha1').text(40),
    tarSha512: node.member('tarSha512').text(128),
    manifest: decodeManifest(node.member('manifest')),
    hasBindingGyp: flagIn(node, 'hasBindingGyp') ?? false,
    files: node.member('files').count(),
    unpackedSize: node.member('unpackedSize').count(),
    list: node.optional('list')?.list(MAX_FILES).map(decodeFile),
    bundled: listIn(node, 'bundled'),
    oddities: listIn(node, 'oddities'),
    yarnZip: tableIn(node, 'yarnZip'),
  };
}

/** `[path, size, sha256, executable, program]`, the last one null for what is no program. */
function encodeFile({ path, size, sha256, executable, program }: TarballFile): Json {
  return [path, size, sha256, executable, program ?? null];
}

function decodeFile(row: JsonNode): TarballFile {
  const [path, size, sha256, executable, program, ...more] = row.list(5);
  if (path === undefined || size === undefined || sha256 === undefined || program === undefined || more.length > 0) {
    throw new ShapeError(row.path, 'is no file');
  }
  if (typeof executable?.value !== 'boolean') throw new ShapeError(row.path, 'is not executable or not');
  const kind = PROGRAMS.find((each) => each === program.value);
  if (kind === undefined && program.value !== null) throw new ShapeError(program.path, 'is no kind of program');
  const facts = { path: path.text(MAX_TEXT), size: size.count(), sha256: sha256.text(64) };
  return { ...facts, executable: executable.value, program: kind };
}

/** The members that are known. */
function compact(members: Readonly<Record<string, Json | undefined>>): Members {
  return Object.fromEntries(Object.entries(members).filter((each): each is [string, Json] => each[1] !== undefined));
}

function encodeTable(table: ReadonlyMap<string, string>): Json | undefined {
  return table.size === 0 ? undefined : [...table].map(([name, value]) => [name, value]);
}

function encodeList(list: readonly string[]): Json | undefined {
  return list.length === 0 ? undefined : list;
}

function textIn(node: JsonNode, name: string): string | undefined {
  return node.optional(name)?.text(MAX_TEXT);
}

function flagIn(node: JsonNode, name: string): boolean | undefined {
  const flag = node.optional(name);
  if (flag !== undefined && typeof flag.value !== 'boolean') throw new ShapeError(flag.path, 'is not true or false');
  return flag?.value as boolean | undefined;
}

function listIn(node: JsonNode, name: string): readonly string[] {
  return (node.optional(name)?.list(MAX_MEMBERS) ?? []).map((each) => each.text(MAX_TEXT));
}

/** A name twice would let two readers see two tables. */
function tableIn(node: JsonNode, name: string): ReadonlyMap<string, string> {
  const pairs = node.optional(name)?.list(MAX_MEMBERS) ?? [];
  const table = new Map(pairs.map((pair) => pairIn(pair)));
  if (table.size !== pairs.length) throw new ShapeError(`${node.path}.${name}`, 'has a name twice');
  return table;
}

function pairIn(pair: JsonNode): readonly [string, string] {
  const [name, value, ...more] = pair.list(2);
  if (name === undefined || value === undefined || more.length > 0) throw new ShapeError(pair.path, 'is no pair');
  return [name.text(MAX_TEXT), value.text(MAX_TEXT)];
}
