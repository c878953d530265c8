import { number, option } from '../options.ts';
import { historyOf, isOpen, isUnchanged } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

interface Options {
  readonly factor: number;
  readonly minBytes: number;
}

/** Against the version that the baseline locks; nothing in either tarball is run. Sizes take `--tarballs`. */
export const tarballDelta: Rule = defineRule<Options>({
  name: 'tarball-delta',
  describe: 'A new version has no install script and no jump in size that the one before had not.',
  codes: ['tarball-delta'],
  isOnByDefault: false,
  needsHistory: true,
  options: {
    factor: option(number(1, 1000), 3, 'How many times the size before is a jump.'),
    minBytes: option(number(0, 1e9), 500_000, 'Growth below this is no jump.'),
  },
  judge: (options) => (subject) =>
    isUnchanged(subject) ? [] : [...newScripts(subject), ...sizeJump(options, subject)],
});

function newScripts(subject: Subject): readonly Opinion[] {
  const history = historyOf(subject, 'tarball-delta');
  if (history === undefined || isOpen(history)) return [];
  const before = history.previous?.installScripts;
  const added = subject.evidence.installScripts?.names.filter((name) => before?.names.includes(name) === false) ?? [];
  if (history.previous === undefined || added.length === 0) return [];
  const { version } = history.previous;
  return [{ code: 'tarball-delta', expected: `the scripts of ${version}`, found: `new: ${added.join(', ')}` }];
}

function sizeJump({ factor, minBytes }: Options, subject: Subject): readonly Opinion[] {
  const history = historyOf(subject, 'tarball-delta');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const { previous } = history;
  const [now, before] = [subject.evidence.contents, previous?.contents];
  if (previous === undefined || now === undefined || before === undefined) return [];
  const isJump = now.unpackedSize > before.unpackedSize * factor && now.unpackedSize - before.unpackedSize >= minBytes;
  if (!isJump) return [];
  return [
    {
      code: 'tarball-delta',
      expected: `about ${before.unpackedSize} bytes in ${before.files} files, as ${previous.version} has`,
      found: `${now.unpackedSize} bytes in ${now.files} files`,
    },
  ];
}
