import type { PreviousVersion, TarballFile } from '@lockseal/core';
import { history, hold, NO_HISTORY, previous, published } from '../support/judge.ts';

const DIGEST = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const SCRIPTS = '{install-scripts: error}';
const runs = { installScripts: { proof: 'registry', names: ['postinstall'], sha256: DIGEST } } as const;
const none = { installScripts: { proof: 'tarball', names: [], sha256: undefined } } as const;
const allowed = (pkg: string, sha256 = DIGEST): string =>
  `{install-scripts: {level: error, allow: [{package: "${pkg}", sha256: ${sha256}}]}}`;

const allowedCommit = (digit: string): string =>
  `{install-scripts: {level: error, allow: [{package: tool, commit: ${digit.repeat(40)}}]}}`;
const git = {
  source: { type: 'git', repository: 'https://x.test/a.git', commit: 'c'.repeat(40), path: undefined },
} as const;

hold('install-scripts', [
  { why: 'no script', policy: SCRIPTS, evidence: none, says: [] },
  { why: 'nobody asks', policy: '{}', evidence: runs, says: [] },
  {
    why: 'a script that nobody allows',
    policy: SCRIPTS,
    evidence: runs,
    says: ['error script-unapproved'],
    words: new RegExp(
      `^no install script\\npostinstall: sha256 ${DIGEST}\\nAs the registry says.*\\nRead the script.*{package: "tool@1.2.0", sha256: ${DIGEST}}`,
    ),
  },
  {
    why: 'read in the tarball',
    policy: SCRIPTS,
    evidence: { installScripts: { ...runs.installScripts, proof: 'tarball' } },
    says: ['error script-unapproved'],
    words: /Read in the locked tarball/,
  },
  {
    why: 'a binding.gyp alone',
    policy: SCRIPTS,
    evidence: { installScripts: { proof: 'tarball', names: ['binding.gyp'], sha256: OTHER } },
    says: ['error script-unapproved'],
  },
  { why: 'allowed by its digest', policy: allowed('tool@^1.0.0'), evidence: runs, says: [] },
  {
    why: 'the script changed',
    policy: allowed('tool', OTHER),
    evidence: runs,
    says: ['error script-unapproved'],
    words: new RegExp(`^sha256 ${OTHER}\\n`),
  },
  { why: 'allowed for another version', policy: allowed('tool@2'), evidence: runs, says: ['error script-unapproved'] },
  { why: 'allowed for another package', policy: allowed('tools'), evidence: runs, says: ['error script-unapproved'] },
  {
    why: 'a git dependency is prepared',
    policy: SCRIPTS,
    entry: git,
    evidence: { class: 'git' },
    says: ['error script-unapproved'],
    words: /prepare scripts run[^]*{package: "tool", commit: c{40}}/,
  },
  {
    why: 'a git dependency at an allowed commit',
    policy: allowedCommit('c'),
    entry: git,
    evidence: { class: 'git' },
    says: [],
  },
  {
    why: 'a git dependency at another commit',
    policy: allowedCommit('d'),
    entry: git,
    evidence: { class: 'git' },
    says: ['error script-unapproved'],
  },
  {
    why: 'an allowed commit is no digest',
    policy: allowedCommit('c'),
    evidence: runs,
    says: ['error script-unapproved'],
    words: /^sha256 of commit c{40}\n/,
  },
  {
    why: 'a git dependency at no commit, beside an allowed digest',
    policy: allowed('tool'),
    entry: { source: { ...git.source, commit: undefined } },
    evidence: { class: 'git' },
    says: ['error script-unapproved'],
  },
  {
    why: 'several scripts, of which others are allowed',
    policy: `{install-scripts: {level: error, allow: [{package: tool, sha256: ${OTHER}}, {package: tool, sha256: ${'e'.repeat(64)}}]}}`,
    evidence: { installScripts: { proof: 'registry', names: ['preinstall', 'install'], sha256: DIGEST } },
    says: ['error script-unapproved'],
    words: new RegExp(`^sha256 ${OTHER} or ${'e'.repeat(64)}\npreinstall, install: sha256 ${DIGEST}\n`),
  },
  {
    why: 'a git dependency at no commit',
    policy: allowedCommit('c'),
    entry: { source: { ...git.source, commit: undefined } },
    evidence: { class: 'git' },
    says: ['error script-unapproved'],
    words: /commit: …/,
  },
  {
    why: 'a bundled package of which the lockfile says so',
    policy: SCRIPTS,
    entry: { hasInstallScript: true },
    evidence: { class: 'bundled' },
    says: ['error script-unapproved'],
    words: /nothing tells which/,
  },
  {
    why: 'a bundled package of which the lockfile says nothing',
    policy: SCRIPTS,
    evidence: { class: 'bundled' },
    says: [],
  },
  {
    why: 'the own workspace',
    policy: SCRIPTS,
    entry: { hasInstallScript: true },
    evidence: { class: 'workspace' },
    says: [],
  },
]);

const DELTA = '{tarball-delta: {level: warn, factor: 3, minBytes: 1000}}';
const shape = (unpackedSize: number, files = 10) => ({ files, unpackedSize });
const grown = (before: number | undefined, now: number | undefined) => ({
  contents: now === undefined ? undefined : shape(now),
  history: history({ previous: previous({ contents: before === undefined ? undefined : shape(before) }) }),
});

/** Files as `path`, `path*` (it can be run), `path!` (a program), `path~` (other bytes). */
const listed = (names: readonly string[]) => {
  const list = names.map((name): TarballFile => {
    const executable = name.includes('*');
    const program = name.includes('!') ? ('elf' as const) : undefined;
    return {
      path: name.replaceAll(/[*!~]/g, ''),
      size: 100,
      sha256: name.includes('~') ? 'b' : 'a',
      executable,
      program,
    };
  });
  return { files: list.length, unpackedSize: list.length * 100, list };
};
const scripted = (names: readonly string[]) => {
  return { proof: 'tarball' as const, names, sha256: names.length === 0 ? undefined : 'c'.repeat(64) };
};
const files = (
  before: readonly string[] | undefined,
  now: readonly string[],
  scriptsBefore: readonly string[] = [],
  scriptsNow: readonly string[] = [],
  relation: PreviousVersion['relation'] = 'locked',
) => ({
  contents: listed(now),
  installScripts: scripted(scriptsNow),
  change: 'changed' as const,
  history: history({
    previous: previous({
      relation,
      contents: before && listed(before),
      installScripts: scripted(scriptsBefore),
    }),
  }),
});

hold('tarball-delta', [
  { why: 'as large as before', policy: DELTA, evidence: grown(5000, 5100), says: [] },
  {
    why: 'ten times as large',
    policy: DELTA,
    evidence: grown(5000, 50_000),
    says: ['warn tarball-delta'],
    words: /^about 5000 bytes in 10 files, as 1.1.0 has\n50000 bytes in 10 files/,
  },
  { why: 'three times, exactly', policy: DELTA, evidence: grown(5000, 15_000), says: [] },
  { why: 'just over three times', policy: DELTA, evidence: grown(5000, 15_001), says: ['warn tarball-delta'] },
  { why: 'many times of very little', policy: DELTA, evidence: grown(10, 1009), says: [] },
  { why: 'as much as counts', policy: DELTA, evidence: grown(10, 1010), says: ['warn tarball-delta'] },
  { why: 'this tarball was not read', policy: DELTA, evidence: grown(5000, undefined), says: [] },
  { why: 'that tarball was not read', policy: DELTA, evidence: grown(undefined, 50_000), says: [] },
  { why: 'nothing before', policy: DELTA, evidence: { contents: shape(9e6), history: history() }, says: [] },
  { why: 'accepted before', policy: DELTA, evidence: { ...grown(5000, 50_000), change: 'unchanged' }, says: [] },
  {
    why: 'a script that was not there before',
    policy: DELTA,
    evidence: { ...runs, history: history({ previous: previous({ installScripts: none.installScripts }) }) },
    says: ['warn tarball-delta'],
    words: /^the scripts of 1.1.0\nnew: postinstall/,
  },
  {
    why: 'a script that was there before',
    policy: DELTA,
    evidence: { ...runs, history: history({ previous: previous({ installScripts: runs.installScripts }) }) },
    says: [],
  },
  {
    why: 'nobody knows what was there before',
    policy: DELTA,
    evidence: { ...runs, history: history({ previous: previous() }) },
    says: [],
  },
  {
    why: 'only the files that were there before, with other bytes and one gone',
    policy: DELTA,
    evidence: files(['index.js', 'lib/a.js', 'bin/run*'], ['index.js~', 'lib/a.js~', 'bin/run*~']),
    says: [],
  },
  {
    why: 'another file where there are such files',
    policy: DELTA,
    evidence: files(['index.js', 'lib/a.js'], ['index.js', 'lib/a.js', 'lib/b.js']),
    says: [],
  },
  {
    why: 'a binding.gyp beside a script of its own',
    policy: DELTA,
    evidence: { ...files(['index.js'], ['index.js', 'binding.gyp'], ['install'], ['install']) },
    says: ['warn tarball-delta'],
    words: /^the build files of 1\.1\.0\nnew: binding\.gyp\n/,
  },
  {
    why: 'a binding.gyp that runs by itself, told once',
    policy: DELTA,
    evidence: { ...files(['index.js'], ['index.js', 'binding.gyp'], [], ['binding.gyp']) },
    says: ['warn tarball-delta'],
    words: /^the scripts of 1\.1\.0\nnew: binding\.gyp\n/,
  },
  {
    why: 'a binding.gyp that was there before',
    policy: DELTA,
    evidence: files(['binding.gyp', 'index.js'], ['binding.gyp~', 'index.js']),
    says: [],
  },
  {
    why: 'a file that can be run',
    policy: DELTA,
    evidence: files(['index.js', 'bin/run*'], ['index.js', 'bin/run*', 'bin/other*']),
    says: ['warn tarball-delta'],
    words: /^the programs of 1\.1\.0\nnew: bin\/other\n/,
  },
  {
    why: 'a file that could not be run before',
    policy: DELTA,
    evidence: files(['index.js'], ['index.js*']),
    says: ['warn tarball-delta'],
  },
  {
    why: 'a program for a machine, whatever its name',
    policy: DELTA,
    evidence: files(['index.js', 'a.txt'], ['index.js', 'a.txt', 'b.txt!']),
    says: ['warn tarball-delta'],
    words: /\nnew: b\.txt \(elf\)\n/,
  },
  {
    why: 'a folder that was not there before, told once',
    policy: DELTA,
    evidence: files(['index.js'], ['index.js', 'scripts/a.js', 'scripts/b.js']),
    says: ['warn tarball-delta'],
    words: /^the folders and kinds of files of 1\.1\.0\nnew: scripts\/a\.js, scripts\/b\.js\n/,
  },
  {
    why: 'a kind of file that runs and was not there before',
    policy: DELTA,
    evidence: files(['index.js'], ['index.js', 'setup.sh']),
    says: ['warn tarball-delta'],
    words: /\nnew: setup\.sh\n/,
  },
  {
    why: 'a program in a new folder, told once',
    policy: DELTA,
    evidence: files(['index.js'], ['index.js', 'bin/run*']),
    says: ['warn tarball-delta'],
    words: /^the programs of/,
  },
  {
    why: 'many files, of which five are told',
    policy: DELTA,
    evidence: files(['index.js'], ['index.js', ...Array.from({ length: 7 }, (_, index) => `x/${index}.js`)]),
    says: ['warn tarball-delta'],
    words: /new: x\/0\.js, x\/1\.js, x\/2\.js, x\/3\.js, x\/4\.js, and 2 more\n/,
  },
  {
    why: 'five files, all of which are told',
    policy: DELTA,
    evidence: files(['index.js'], ['index.js', ...Array.from({ length: 5 }, (_, index) => `x/${index}.js`)]),
    says: ['warn tarball-delta'],
    words: /new: x\/0\.js, x\/1\.js, x\/2\.js, x\/3\.js, x\/4\.js\n/,
  },
  {
    why: 'everything at once, one finding a kind',
    policy: '{tarball-delta: {level: error, factor: 1, minBytes: 1}}',
    evidence: files(
      ['index.js'],
      ['index.js', 'binding.gyp', 'bin/run*', 'x/a.js'],
      ['install'],
      ['install', 'postinstall'],
    ),
    says: Array.from({ length: 5 }, () => 'error tarball-delta'),
  },
  {
    why: 'new files that were accepted before',
    policy: DELTA,
    evidence: { ...files(['index.js'], ['index.js', 'bin/run*']), change: 'unchanged' },
    says: [],
  },
  {
    why: 'the files of the baseline could not be read, and nobody needs to know',
    policy: DELTA,
    evidence: files(undefined, ['index.js']),
    says: [],
  },
  {
    why: 'the files of the baseline could not be read, and somebody does',
    policy: '{tarball-delta: error}',
    evidence: files(undefined, ['index.js']),
    says: ['undecided'],
  },
  {
    why: 'the version before in the line, whose files nobody reads',
    policy: '{tarball-delta: error}',
    evidence: files(undefined, ['index.js'], [], [], 'line'),
    says: [],
  },
  { why: 'no history', policy: '{tarball-delta: error}', evidence: { history: NO_HISTORY }, says: ['undecided'] },
  { why: 'no history asked for', policy: DELTA, evidence: runs, says: [] },
]);

hold('deprecated', [
  { why: 'nobody asks', policy: '{}', evidence: { published: published({ deprecated: 'use x' }) }, says: [] },
  {
    why: 'the registry says so',
    policy: '{deprecated: warn}',
    evidence: { published: published({ deprecated: 'use x' }) },
    says: ['warn deprecated'],
    words: /\nuse x\n/,
  },
  {
    why: 'the lockfile says so',
    policy: '{deprecated: warn}',
    entry: { deprecated: 'use y' },
    says: ['warn deprecated'],
  },
  { why: 'not at all', policy: '{deprecated: warn}', evidence: { published: published() }, says: [] },
  { why: 'an empty text is none', policy: '{deprecated: warn}', entry: { deprecated: '' }, says: [] },
  {
    why: 'a long text is cut',
    policy: '{deprecated: warn}',
    entry: { deprecated: 'y'.repeat(999) },
    says: ['warn deprecated'],
    words: /\ny{200}\n/,
  },
]);
