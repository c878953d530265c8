import type { Observation, Pin, RuntimeVariant, Source } from '@lockseal/core';
import type { Fields } from '../yaml/fields.ts';
import type { Slot } from './dep-path.ts';

/** What pnpm fetches for an entry: the resolution decides, the key only tells which registry is asked. */
export function sourceOf(slot: Slot, resolution: Fields): Source {
  const type = resolution.text('type');
  switch (type) {
    case undefined:
      return tarballSource(slot, resolution.text('tarball'));
    case 'directory':
      return { type: 'directory', path: required(resolution, 'directory') };
    case 'git':
      return {
        type: 'git',
        repository: required(resolution, 'repo'),
        commit: resolution.text('commit'),
        path: resolution.text('path'),
      };
    case 'binary':
      return { type: 'runtime', variants: [runtimeVariant(resolution, [])] };
    case 'variations':
      return { type: 'runtime', variants: resolution.items('variants').map(readVariant) };
    default:
      return { type: 'unknown', reason: `resolution of type ${type}` };
  }
}

/** Under a version the tarball is the registry's, whatever URL is recorded: the URL is judged later. */
function tarballSource(slot: Slot, tarball: string | undefined): Source {
  if (slot.type === 'version') return { type: 'registry', url: tarball, namedRegistry: slot.registry };
  const location = tarball ?? (slot.type === 'location' ? slot.text : '');
  if (location.startsWith('file:')) return { type: 'file', path: location.slice('file:'.length) };
  if (/^https?:\/\//.test(location)) return { type: 'tarball', url: location };
  return { type: 'unknown', reason: 'neither the key nor the resolution says where the files come from' };
}

function readVariant(variant: Fields): RuntimeVariant {
  const resolution = variant.child('resolution');
  if (resolution === undefined) throw variant.wrong('resolution', 'the resolution of a variant', 'nothing');
  const targets = variant
    .items('targets')
    .map((target) => ['os', 'cpu', 'libc'].flatMap((key) => target.text(key) ?? []).join('-'));
  return runtimeVariant(resolution, targets);
}

function runtimeVariant(resolution: Fields, targets: readonly string[]): RuntimeVariant {
  return { url: required(resolution, 'url'), integrity: required(resolution, 'integrity'), targets };
}

function required(fields: Fields, key: string): string {
  const value = fields.text(key);
  if (value === undefined) throw fields.wrong(key, 'given', 'nothing');
  return value;
}

/**
 * The hash that pnpm checks. It checks none for git repositories and directories, even where one is recorded; runtimes
 * have one a variant. `integrityTarget: tar` says that the hash is of the uncompressed tar.
 */
export function pinOf(source: Source, resolution: Fields, settings: Fields | undefined): Pin {
  if (source.type === 'git' || source.type === 'directory' || source.type === 'runtime') return { kind: 'none' };
  const text = resolution.text('integrity');
  if (text === undefined) return { kind: 'none' };
  const holder = resolution.has('integrityTarget') ? resolution : settings;
  const target = holder?.text('integrityTarget');
  if (target === undefined || target === 'tarball') return { kind: 'integrity', text, of: 'tarball' };
  if (target === 'tar') return { kind: 'integrity', text, of: 'tar' };
  throw (holder ?? resolution).wrong('integrityTarget', 'tarball or tar', target);
}

const NONE: readonly Observation[] = [];

/** Where the key promises one source and the resolution fetches another. */
export function observeResolution(
  entry: string,
  slot: Slot,
  source: Source,
  resolution: Fields,
): readonly Observation[] {
  if (slot.type === 'version' && source.type !== 'registry') {
    const position = resolution.position();
    const found = source.type === 'unknown' ? source.reason : source.type;
    return [{ code: 'non-registry-source', entry, position, expected: 'a tarball of the registry', found }];
  }
  const tarball = resolution.text('tarball');
  if (slot.type !== 'location' || tarball === undefined) return NONE;
  const expected = slot.text.replace(/#path:.*$/, '');
  if (tarball.replace(/#path:.*$/, '') === expected) return NONE;
  const position = resolution.position();
  const detail = 'The key names one tarball and the resolution another.';
  return [{ code: 'sections-disagree', entry, position, expected, found: tarball, detail }];
}
