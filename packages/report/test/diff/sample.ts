// Comparisons to render: one with something of everything, one without a change, and one in which every text is hostile.
import type { PackageChange, SideFacts, TarballFile, TrustDiff } from '@lockseal/core';
import type { DiffReport } from '@lockseal/report';
import { provenance } from '../../../../test/support/verification.ts';

const { identity } = provenance;

const side = (spec: string, changes: Partial<SideFacts> = {}): SideFacts => ({
  spec,
  version: spec.slice(spec.lastIndexOf('@') + 1),
  source: 'registry',
  grade: 'proven',
  reason: 'provenance',
  builder: identity,
  publisher: 'alice',
  publishedAt: '2026-10-01T12:00:00.000Z',
  firstPublishedAt: '2020-01-01T00:00:00.000Z',
  earlierPublishers: ['alice'],
  deprecated: undefined,
  installScripts: { proof: 'tarball', names: [], sha256: undefined, texts: [] },
  contents: undefined,
  position: { line: 47, column: 5 },
  undecided: undefined,
  ...changes,
});

export const change = (name: string, changes: Partial<PackageChange> = {}): PackageChange => ({
  kind: 'up',
  name,
  before: side(`${name}@1.0.0`),
  after: side(`${name}@1.1.0`),
  signs: [],
  scripts: [],
  tarball: undefined,
  code: undefined,
  path: ['.', 'shop@1.0.0', `${name}@1.1.0`],
  brings: [],
  ...changes,
});

const file = (path: string, changes: Partial<TarballFile> = {}): TarballFile => ({
  path,
  size: 2_300_000,
  sha256: 'ab'.repeat(32),
  executable: false,
  program: undefined,
  ...changes,
});

const program = file('assets/loader', { executable: true, program: 'elf' });

export function diffOf(changes: readonly PackageChange[], more: Partial<TrustDiff> = {}): TrustDiff {
  return {
    before: { origin: 'package-lock.json at origin/main', format: 'npm', packages: 1290 },
    after: { origin: 'package-lock.json', format: 'npm', packages: 1291 },
    changes,
    quiet: [],
    removed: [],
    unchanged: 1285,
    byDesign: [],
    comparedAt: '2026-11-22T10:00:00.000Z',
    ...more,
  };
}

export function reportOf(diff: TrustDiff, more: Partial<DiffReport> = {}): DiffReport {
  return {
    tool: { name: 'lockseal', version: '1.2.3' },
    diff,
    verdict: 'informed',
    failOn: [],
    warnings: [],
    durationMs: 3210,
    ...more,
  };
}

const grave = change('event-tools', {
  after: side('event-tools@1.1.0', {
    grade: 'signed',
    builder: undefined,
    publisher: 'mallory',
    publishedAt: '2026-11-21T12:00:00.000Z',
    contents: { files: 4, unpackedSize: 2_310_000 },
  }),
  before: side('event-tools@1.0.0', { contents: { files: 3, unpackedSize: 9_500 } }),
  signs: [
    { sign: 'grade-fell', before: 'proven', after: 'signed' },
    { sign: 'script-changed', after: 'postinstall' },
    { sign: 'program-added', after: 'assets/loader' },
    { sign: 'reaches-further', after: 'child_process, https' },
    { sign: 'publisher-changed', before: 'alice', after: 'mallory' },
    { sign: 'release-young', after: '2026-11-21T12:00:00.000Z' },
    { sign: 'size-jumped', before: '9500 bytes', after: '2310000 bytes' },
  ],
  scripts: [{ name: 'postinstall', before: 'node build.js', after: 'node setup.js && node build.js' }],
  tarball: {
    status: 'compared',
    added: [program, file('setup.js')],
    removed: [file('docs.md')],
    changed: [{ before: file('package.json'), after: file('package.json') }],
    unchanged: 1,
    newScripts: [],
    newBindingGyp: false,
    newExecutables: [program],
    programs: [program],
    strangers: [{ file: program, because: 'folder' }],
    size: { before: { files: 3, unpackedSize: 9_500 }, after: { files: 4, unpackedSize: 2_310_000 } },
  },
  code: {
    status: 'compared',
    newModules: [{ module: 'child_process', paths: ['setup.js'] }],
    obscured: [{ path: 'setup.js', sha256: '', longestLine: 90_000, modules: [], unparsed: undefined }],
    unparsed: [{ path: 'types.js', sha256: '', longestLine: 9, modules: undefined, unparsed: 'it is too large' }],
  },
  brings: ['tiny-net@0.0.1'],
});

const added = change('tiny-net', {
  kind: 'added',
  before: undefined,
  after: side('tiny-net@0.0.1', { grade: 'unsigned', builder: undefined }),
  signs: [{ sign: 'unproven', after: 'unsigned' }, { sign: 'package-added' }],
});

const undecided = change('slow', {
  after: side('slow@1.1.0', {
    grade: 'unprovable',
    undecided: { check: 'provenance', error: 'ERR_TIMEOUT', reason: 'no answer within 30 s' },
  }),
});

export const rich: DiffReport = reportOf(
  diffOf([grave, added, undecided], {
    quiet: [change('calm'), change('calmer', { kind: 'down' })],
    removed: [change('gone', { kind: 'removed', after: undefined })],
    byDesign: [{ reason: 'pinned-otherwise', packages: ['left-pad@1.3.0'] }],
  }),
  { verdict: 'failed', failOn: ['grave'], warnings: ['The trusted root could not be refreshed.'] },
);

export const nothing: DiffReport = reportOf(diffOf([]));

/** `text` is every name, version, place, account, script and reason at once. */
export function hostileDiff(text: string): DiffReport {
  const hostileFile = file(text, { executable: true, program: 'elf' });
  const all = side(text, {
    version: text,
    source: text,
    reason: text,
    builder: { ...identity, repository: text, workflow: text, ref: text },
    publisher: text,
    publishedAt: text,
    firstPublishedAt: text,
    deprecated: text,
    contents: { files: 1, unpackedSize: 1 },
    undecided: { check: 'registry', error: 'ERR_TIMEOUT', reason: text },
  });
  const one = change(text, {
    before: all,
    after: { ...all, version: `${text}1`, publisher: `${text}1` },
    signs: [
      { sign: 'source-changed', before: text, after: text },
      { sign: 'script-added', after: text },
      { sign: 'deprecated', before: text },
    ],
    scripts: [
      { name: text, before: text, after: `${text} && ${text}` },
      { name: text, before: undefined, after: text },
      { name: text, before: text, after: undefined },
    ],
    tarball: {
      status: 'compared',
      added: [hostileFile],
      removed: [hostileFile],
      changed: [{ before: hostileFile, after: hostileFile }],
      unchanged: 0,
      newScripts: [text],
      newBindingGyp: true,
      newExecutables: [hostileFile],
      programs: [hostileFile],
      strangers: [{ file: hostileFile, because: 'folder' }],
      size: { before: { files: 1, unpackedSize: 1 }, after: { files: 1, unpackedSize: 1 } },
    },
    code: {
      status: 'compared',
      newModules: [{ module: text, paths: [text] }],
      obscured: [],
      unparsed: [{ path: text, sha256: '', longestLine: 9, modules: undefined, unparsed: text }],
    },
    path: ['.', text],
    brings: [text],
  });
  const unread = { status: 'unknown', reason: text } as const;
  return reportOf(
    diffOf([one, { ...one, kind: 'swapped', tarball: unread, code: unread }, { ...one, kind: 'redirected' }], {
      before: { origin: text, format: undefined, packages: 1 },
      after: { origin: text, format: 'npm', packages: 1 },
      quiet: [one],
      removed: [{ ...one, kind: 'removed' }],
      byDesign: [{ reason: 'bundled-listed', packages: [text] }],
    }),
    { warnings: [text] },
  );
}
