import {
  LocksealError,
  NO_FLAGS,
  isExactVersion,
  isPackageName,
  type Edge,
  type EdgeTarget,
  type ErrorCode,
  type LockedPackage,
  type Lockfile,
  type Observation,
  type Source,
} from '@lockseal/core';
import type { LockfileText } from '../text.ts';
import { parseBlocks, type Block } from './parse.ts';
import { parsePattern, type Pattern } from './pattern.ts';
import { parseResolved, pinOf, sourceOf } from './source.ts';

const HEADER = /^# yarn lockfile v(\d+)\r?$/m;

/**
 * A yarn.lock of version 1. One block is one entry, and its id is the block's first pattern, because several blocks may
 * hold the same tarball. The file records neither importers nor flags.
 * @throws LocksealError as parseBlocks does; ERR_LOCKFILE_FORMAT without the header, ERR_LOCKFILE_VERSION for another
 *   version, ERR_LOCKFILE_NAME, ERR_LOCKFILE_FIELD for versions that are not exact
 */
export function readYarnClassic(source: LockfileText): Lockfile {
  checkHeader(source);
  const blocks = parseBlocks(source).map((block) => ({ block, patterns: block.patterns.map(parsePattern) }));
  const descriptors = indexPatterns(source.path, blocks);
  const entries = blocks.map(({ block, patterns }) => readEntry(source.path, block, patterns, descriptors));
  return {
    path: source.path,
    format: 'yarn-classic',
    formatVersion: '1',
    bytes: source.bytes,
    entries,
    importers: [],
    descriptors,
    claims: { overrides: new Map(), packageExtensions: [], patches: new Map(), catalogs: new Map() },
    observations: blocks.flatMap((each, index) => observe(each, entries[index]?.source)),
  };
}

interface ParsedBlock {
  readonly block: Block;
  readonly patterns: readonly Pattern[];
}

function checkHeader({ path, text }: LockfileText): void {
  const version = HEADER.exec(text)?.[1];
  if (version === '1') return;
  const [code, found]: [ErrorCode, string] =
    version === undefined ? ['ERR_LOCKFILE_FORMAT', 'no such line'] : ['ERR_LOCKFILE_VERSION', `version ${version}`];
  throw new LocksealError(code, `${path} is no yarn.lock of version 1`, {
    file: path,
    expected: '# yarn lockfile v1',
    found,
    hint: 'Lock again with Yarn 1, or with the Yarn that wrote the file.',
  });
}

/** pattern -> id of its block. Yarn lets the last of two blocks win; here a pattern may stand in one block only. */
function indexPatterns(path: string, blocks: readonly ParsedBlock[]): ReadonlyMap<string, string> {
  const descriptors = new Map<string, string>();
  for (const { block } of blocks) {
    for (const pattern of block.patterns) {
      if (descriptors.has(pattern))
        throw blockError(path, block, 'ERR_LOCKFILE_DUPLICATE_KEY', 'a new pattern', pattern);
      descriptors.set(pattern, idOf(block));
    }
  }
  return descriptors;
}

function readEntry(
  path: string,
  block: Block,
  patterns: readonly Pattern[],
  descriptors: ReadonlyMap<string, string>,
): LockedPackage {
  const first = patterns[0];
  if (first === undefined) throw new LocksealError('ERR_INTERNAL', 'a block without patterns');
  const resolvedText = block.fields.get('resolved');
  const resolved = resolvedText === undefined ? undefined : parseResolved(resolvedText);
  const source = sourceOf(patterns.find(({ kind }) => kind !== 'registry') ?? first, resolved);
  const version = block.fields.get('version');
  checkNames(path, block, patterns);
  if (source.type === 'registry' && version !== undefined && !isExactVersion(version)) {
    throw blockError(path, block, 'ERR_LOCKFILE_FIELD', 'an exact version', version);
  }
  const aliases = new Set(patterns.map(({ name }) => name).filter((name) => name !== first.realName));
  return {
    id: idOf(block),
    name: first.realName,
    version,
    aliases: [...aliases].toSorted(),
    source,
    pin: pinOf(source, block.fields.get('integrity'), resolved),
    edges: readEdges(path, block, descriptors),
    flags: NO_FLAGS,
    hasInstallScript: undefined,
    patch: undefined,
    bundles: [],
    deprecated: undefined,
    position: { line: block.line, column: 1 },
  };
}

function checkNames(path: string, block: Block, patterns: readonly Pattern[]): void {
  for (const { name, realName } of patterns) {
    for (const each of [name, realName]) {
      if (!isPackageName(each)) throw blockError(path, block, 'ERR_LOCKFILE_NAME', 'a package name', each);
    }
  }
}

function readEdges(path: string, block: Block, descriptors: ReadonlyMap<string, string>): readonly Edge[] {
  const edges: Edge[] = [];
  for (const kind of ['prod', 'optional'] as const) {
    const table = kind === 'prod' ? block.dependencies : block.optionalDependencies;
    for (const [name, { spec, line }] of table ?? []) {
      const id = descriptors.get(`${name}@${spec}`);
      // The names of patterns have been checked already.
      if (id === undefined && !isPackageName(name)) {
        throw blockError(path, block, 'ERR_LOCKFILE_NAME', 'a package name', name);
      }
      const target: EdgeTarget = id === undefined ? { type: 'none' } : { type: 'entry', id };
      edges.push({ name, kind, spec, target, position: { line, column: 5 } });
    }
  }
  return edges;
}

function observe({ block, patterns }: ParsedBlock, source: Source | undefined): readonly Observation[] {
  const first = patterns[0];
  const about = { entry: idOf(block), position: { line: block.line, column: 1 } };
  const mismatches = patterns
    .filter(({ realName }) => realName !== first?.realName)
    .map(({ realName }): Observation => ({
      code: 'name-mismatch',
      ...about,
      expected: first?.realName,
      found: realName,
      detail: 'Yarn 1 files two packages in one block only where `resolutions` say so.',
    }));
  const asked = patterns.findIndex(({ kind }) => kind === 'registry');
  if (source?.type === 'registry' || asked < 0) return mismatches;
  const elsewhere: Observation = {
    code: 'non-registry-source',
    ...about,
    expected: `a tarball of the registry for ${block.patterns[asked]}`,
    found: block.fields.get('resolved'),
    detail: 'Yarn 1 answers a range from elsewhere only where `resolutions` say so.',
  };
  return [...mismatches, elsewhere];
}

function idOf(block: Block): string {
  return block.patterns[0] ?? '';
}

function blockError(path: string, block: Block, code: ErrorCode, expected: string, found: string): LocksealError {
  return new LocksealError(code, `${path}: the block of ${idOf(block)} cannot stand`, {
    file: path,
    position: { line: block.line, column: 1 },
    expected,
    found,
    hint: 'Restore yarn.lock from the last good commit, or lock again with Yarn 1.',
  });
}
