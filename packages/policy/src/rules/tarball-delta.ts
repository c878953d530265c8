import { compareTarballs, type PreviousVersion, type TarballDelta } from '@lockseal/core';
import { number, option } from '../options.ts';
import { historyOf, isOpen, isUnchanged } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

interface Options {
  readonly factor: number;
  readonly minBytes: number;
}

/**
 * Against the version that the baseline locks; nothing in either tarball is run. Without the tarballs (--no-tarballs, or a
 * package that the baseline does not have) only the scripts of which the registry tells are compared.
 */
export const tarballDelta: Rule = defineRule<Options>({
  name: 'tarball-delta',
  describe:
    'A new version has no install script, binding.gyp, program, odd file or jump in size that the one before had not.',
  codes: ['tarball-delta'],
  isOnByDefault: false,
  needsHistory: true,
  needsContents: true,
  options: {
    factor: option(number(1, 1000), 3, 'How many times the size before is a jump.'),
    minBytes: option(number(0, 1e9), 500_000, 'Growth below this is no jump.'),
  },
  judge: (options) => (subject) => judge(options, subject),
});

function judge(options: Options, subject: Subject): readonly Opinion[] {
  if (isUnchanged(subject)) return [];
  const history = historyOf(subject, 'tarball-delta');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const { previous } = history;
  if (previous === undefined) return [];
  const delta = compareTarballs(previous, subject.evidence);
  return [
    ...newScripts(previous, subject),
    ...(delta.status === 'compared' ? newFiles(delta, previous) : unread(previous, subject)),
    ...sizeJump(options, previous, subject),
  ];
}

type Compared = Extract<TarballDelta, { status: 'compared' }>;

function newScripts(previous: PreviousVersion, { evidence }: Subject): readonly Opinion[] {
  const before = previous.installScripts;
  const added = evidence.installScripts?.names.filter((name) => before?.names.includes(name) === false) ?? [];
  return added.length === 0 ? [] : [opinion('scripts', previous, added)];
}

/** A binding.gyp that runs by itself is a script, and told as such; one beside a script is told here. */
function newFiles(delta: Compared, previous: PreviousVersion): readonly Opinion[] {
  const { newBindingGyp, newScripts: scripts, newExecutables, strangers } = delta;
  const gyp = newBindingGyp && !scripts.includes('binding.gyp') ? ['binding.gyp'] : [];
  const programs = newExecutables.map(({ path, program }) => (program === undefined ? path : `${path} (${program})`));
  const runnable = new Set(newExecutables.map(({ path }) => path));
  const odd = strangers.filter(({ file }) => !runnable.has(file.path)).map(({ file }) => file.path);
  return [
    ...(gyp.length === 0 ? [] : [opinion('build files', previous, gyp)]),
    ...(programs.length === 0 ? [] : [opinion('programs', previous, programs)]),
    ...(odd.length === 0 ? [] : [opinion('folders and kinds of files', previous, odd)]),
  ];
}

/** Paths that are listed; more of them say nothing new. */
const MAX_SHOWN = 5;

function opinion(what: string, { version }: PreviousVersion, added: readonly string[]): Opinion {
  const more = added.length > MAX_SHOWN ? `, and ${added.length - MAX_SHOWN} more` : '';
  return {
    code: 'tarball-delta',
    expected: `the ${what} of ${version}`,
    found: `new: ${added.slice(0, MAX_SHOWN).join(', ')}${more}`,
  };
}

/** This version's files are known and those of the baseline's could not be had: that they are alike nobody can say. */
function unread({ relation, version, contents }: PreviousVersion, { evidence }: Subject): readonly Opinion[] {
  if (relation !== 'locked' || evidence.contents?.list === undefined || contents !== undefined) return [];
  const reason = `the tarball of ${version}, which the baseline locks, could not be read`;
  return [{ code: 'tarball-delta', open: { check: 'history', error: 'ERR_UNBOUND', reason } }];
}

function sizeJump(
  { factor, minBytes }: Options,
  { version, contents: before }: PreviousVersion,
  { evidence: { contents: now } }: Subject,
): readonly Opinion[] {
  if (now === undefined || before === undefined) return [];
  const isJump = now.unpackedSize > before.unpackedSize * factor && now.unpackedSize - before.unpackedSize >= minBytes;
  if (!isJump) return [];
  return [
    {
      code: 'tarball-delta',
      expected: `about ${before.unpackedSize} bytes in ${before.files} files, as ${version} has`,
      found: `${now.unpackedSize} bytes in ${now.files} files`,
    },
  ];
}
