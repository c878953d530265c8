import { GRADES } from '../model/evidence.ts';
import type { CodeDelta } from './compare-code.ts';
import type { TarballDelta } from './compare-tarballs.ts';
import { isSameOrigin, redirections, type ArtifactChange } from './pair-artifacts.ts';
import type { Builder, SideFacts } from './side-facts.ts';
import { bySeverity, type TrustSign } from './signs.ts';

export interface ChangedSides {
  readonly change: ArtifactChange;
  readonly before: SideFacts | undefined;
  readonly after: SideFacts | undefined;
  readonly tarball: TarballDelta | undefined;
  readonly code: CodeDelta | undefined;
  /** Whether another version of the package was locked before. */
  readonly isKnownName: boolean;
  /** Both states are lockfiles of one format, in one version of it. */
  readonly isOneFormat: boolean;
  /** Both are of one package manager, or the one before is an approval. */
  readonly isOneManager: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const DAY = 86_400_000;
/** The defaults of the rules release-age, young-new-dependency and tarball-delta. */
const YOUNG_RELEASE = 3 * DAY;
const YOUNG_PACKAGE = 30 * DAY;
const JUMP = { factor: 3, bytes: 500_000 };
/** Paths named in one sign; a reader finds all in the JSON. */
const MAX_NAMED = 5;

/** What changed in trust, gravest first; nothing for what is gone. */
export function readSigns(sides: ChangedSides): readonly TrustSign[] {
  const { change, before, after } = sides;
  if (after === undefined) return [];
  const both = before === undefined ? [] : compareSides(before, after);
  const own = before === undefined ? ofAdded(sides, after) : ofVersion(change, sides);
  return [...own, ...both, ...always(sides, after), ...ofTarball(sides.tarball), ...ofCode(sides.code)].sort(
    bySeverity,
  );
}

function always({ change, before, now }: ChangedSides, after: SideFacts): readonly TrustSign[] {
  const signs: TrustSign[] = [];
  if (after.grade === 'contradicted') signs.push({ sign: 'contradicted', before: before?.grade, after: after.reason });
  if (change.kind === 'redirected' || change.kind === 'unbound') return signs;
  if (isWithin(after.publishedAt, now, YOUNG_RELEASE)) signs.push({ sign: 'release-young', after: after.publishedAt });
  if (after.deprecated !== undefined && before?.deprecated === undefined) {
    signs.push({ sign: 'deprecated', after: after.deprecated });
  }
  return signs;
}

function ofAdded({ isKnownName, now }: ChangedSides, after: SideFacts): readonly TrustSign[] {
  const { grade, installScripts, firstPublishedAt, undecided } = after;
  const signs: TrustSign[] = [{ sign: isKnownName ? 'version-added' : 'package-added' }];
  const isVouched = grade !== 'unsigned' && grade !== 'unprovable';
  if (!isVouched && undecided === undefined) signs.push({ sign: 'unproven', after: grade });
  if (installScripts !== undefined && installScripts.names.length > 0) {
    signs.push({ sign: 'script-added', after: installScripts.names.join(', ') });
  }
  if (!isKnownName && isWithin(firstPublishedAt, now, YOUNG_PACKAGE)) {
    signs.push({ sign: 'package-young', after: firstPublishedAt });
  }
  return signs;
}

/** What the lockfiles tell by themselves. */
function ofVersion(
  { kind, before, after }: ArtifactChange,
  { isOneFormat, isOneManager }: ChangedSides,
): readonly TrustSign[] {
  if (before === undefined || after === undefined) return [];
  if (kind === 'unbound') return isOneManager ? pinChanged(before.pin, after.pin) : [];
  const signs: TrustSign[] = redirections(before, after).map((each) => ({
    sign: 'dependency-redirected',
    before: `${each.dependency} -> ${each.before.join(', ')}`,
    after: `${each.dependency} -> ${each.after.join(', ')}`,
  }));
  const places = [before, after].map(({ source, place }) => (place === undefined ? source : `${source} ${place}`));
  const isMoved = !isSameOrigin(before, after, isOneFormat);
  const isPatched = isOneFormat
    ? before.patch !== after.patch
    : (before.patch === undefined) !== (after.patch === undefined);
  if (isPatched) {
    signs.push({ sign: 'patch-changed', before: before.patch ?? 'none', after: after.patch ?? 'none' });
  }
  if (after.pin.kind === 'none' && before.pin.kind !== 'none')
    signs.push({ sign: 'pin-lost', before: before.pin.kind });
  if (isMoved) signs.push({ sign: 'source-changed', before: places[0], after: places[1] });
  if (kind === 'down') signs.push({ sign: 'version-fell', before: before.version, after: after.version });
  // Where nothing else tells two artifacts of one version apart, it is their bytes.
  const isOfBytes = signs.length === 0 || (before.pin.kind === after.pin.kind && before.pin.value !== after.pin.value);
  if (kind === 'swapped' && isOfBytes) {
    signs.push({ sign: 'bytes-swapped', before: pinText(before.pin), after: pinText(after.pin) });
  }
  return signs;
}

function pinChanged(before: Pin, after: Pin): readonly TrustSign[] {
  return after.kind === 'sha512' ? [] : [{ sign: 'pin-changed', before: pinText(before), after: pinText(after) }];
}

type Pin = NonNullable<ArtifactChange['after']>['pin'];

function pinText({ kind, value }: Pin): string {
  return `${kind} ${value.slice(0, 16)}`;
}

function compareSides(before: SideFacts, after: SideFacts): readonly TrustSign[] {
  return [
    ...compareGrades(before, after),
    ...compareBuilders(before.builder, after.builder),
    ...compareScripts(before, after),
    ...comparePublishers(before, after),
  ];
}

function compareGrades(before: SideFacts, after: SideFacts): readonly TrustSign[] {
  if (before.grade === undefined || after.grade === undefined || before.undecided !== undefined) return [];
  if (after.grade === 'contradicted' || after.undecided !== undefined) return [];
  const step = GRADES.indexOf(after.grade) - GRADES.indexOf(before.grade);
  if (step === 0) return [];
  return [{ sign: step > 0 ? 'grade-fell' : 'grade-rose', before: before.grade, after: after.grade }];
}

const BUILT_BY = ['issuer', 'repository', 'repositoryId', 'ownerId'] as const;
const BUILT_HOW = ['workflow', 'trigger', 'runnerEnvironment'] as const;

/** Where one side is not known there is nothing to compare: an approval keeps an identity in short. */
function compareBuilders(before: Builder | undefined, after: Builder | undefined): readonly TrustSign[] {
  if (before === undefined || after === undefined) return [];
  const differing = (fields: readonly (keyof Builder)[]): readonly (keyof Builder)[] =>
    fields.filter((name) => before[name] !== undefined && after[name] !== undefined && before[name] !== after[name]);
  const text = (of: Builder, names: readonly (keyof Builder)[]): string =>
    names.map((name) => `${name} ${of[name] ?? ''}`).join(', ');
  return [
    { sign: 'builder-changed' as const, names: differing(BUILT_BY) },
    { sign: 'workflow-changed' as const, names: differing(BUILT_HOW) },
  ].flatMap(({ sign, names }) =>
    names.length === 0 ? [] : [{ sign, before: text(before, names), after: text(after, names) }],
  );
}

function compareScripts(before: SideFacts, after: SideFacts): readonly TrustSign[] {
  const [old, now] = [before.installScripts, after.installScripts];
  if (old === undefined || now === undefined) return [];
  const added = now.names.filter((name) => !old.names.includes(name));
  if (added.length > 0) return [{ sign: 'script-added', before: old.names.join(', '), after: added.join(', ') }];
  const isChanged = now.sha256 !== undefined && old.sha256 !== undefined && now.sha256 !== old.sha256;
  return isChanged ? [{ sign: 'script-changed', after: now.names.join(', ') }] : [];
}

function comparePublishers(before: SideFacts, after: SideFacts): readonly TrustSign[] {
  const { publisher, earlierPublishers } = after;
  if (publisher === undefined || before.publisher === undefined || publisher === before.publisher) return [];
  if (earlierPublishers?.includes(publisher) === true) return [];
  return [{ sign: 'publisher-changed', before: before.publisher, after: publisher }];
}

function ofTarball(delta: TarballDelta | undefined): readonly TrustSign[] {
  if (delta?.status !== 'compared') return [];
  const { newBindingGyp, programs, newExecutables, strangers, size } = delta;
  const isProgram = new Set(programs.map(({ path }) => path));
  const executables = newExecutables.filter(({ path }) => !isProgram.has(path));
  const isNamed = new Set([...isProgram, ...executables.map(({ path }) => path)]);
  const others = strangers.map(({ file }) => file).filter(({ path }) => !isNamed.has(path));
  const grown = size.after.unpackedSize - size.before.unpackedSize;
  const isJump = size.after.unpackedSize > size.before.unpackedSize * JUMP.factor && grown >= JUMP.bytes;
  return [
    ...(newBindingGyp ? [{ sign: 'script-added' as const, after: 'binding.gyp' }] : []),
    ...named('program-added', programs),
    ...named('executable-added', executables),
    ...named('file-out-of-place', others),
    ...(isJump ? [{ sign: 'size-jumped' as const, ...sizesOf(size) }] : []),
  ];
}

function sizesOf({ before, after }: Extract<TarballDelta, { status: 'compared' }>['size']): {
  readonly before: string;
  readonly after: string;
} {
  return { before: `${before.unpackedSize} bytes`, after: `${after.unpackedSize} bytes` };
}

function named(sign: TrustSign['sign'], files: readonly { readonly path: string }[]): readonly TrustSign[] {
  if (files.length === 0) return [];
  const rest = files.length - MAX_NAMED;
  const paths = files.slice(0, MAX_NAMED).map(({ path }) => path);
  return [{ sign, after: [...paths, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ') }];
}

function ofCode(delta: CodeDelta | undefined): readonly TrustSign[] {
  if (delta?.status !== 'compared') return [];
  const { newModules, obscured } = delta;
  return [
    ...(newModules.length === 0
      ? []
      : [{ sign: 'reaches-further' as const, after: newModules.map(({ module }) => module).join(', ') }]),
    ...named('code-obscured', obscured),
  ];
}

function isWithin(time: string | undefined, now: number, span: number): boolean {
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return now - at < span;
}
