// What a reader is told to do: fix.txt holds the whole of it, to be read for sense.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { FINDING_CODES, type FindingCode, type LockedPackage, type LockfileFormat } from '@lockseal/core';
import { fixFor, type FixContext } from '../src/fix.ts';
import { locked, verificationOf } from '../../../test/support/verification.ts';

const LOCKFILES: Readonly<Record<LockfileFormat, string>> = {
  npm: 'package-lock.json',
  pnpm: 'pnpm-lock.yaml',
  'yarn-classic': 'yarn.lock',
  'yarn-berry': 'yarn.lock',
  bun: 'bun.lock',
  deno: 'deno.lock',
  vlt: 'vlt-lock.json',
};
const codes = Object.keys(FINDING_CODES) as FindingCode[];
const tool = locked('@acme/tool', '1.2.0', 12);

function contextOf(format: LockfileFormat, changes: Partial<FixContext> = {}): FixContext {
  const lockfile = { ...verificationOf([]).lockfile, format, path: LOCKFILES[format] };
  return { entry: tool, lockfile, isDigestDisputed: false, ...changes };
}

/** Fixes with the codes that have them, in the order of the table of codes. */
function told(fixOf: (code: FindingCode) => string): string {
  return [...Map.groupBy(codes, fixOf)].map(([fix, having]) => `${having.join(' ')}\n  ${fix}\n`).join('');
}

function written(): string {
  const isSpecific = (code: FindingCode): boolean => fixFor({ code }, contextOf('npm')) !== FINDING_CODES[code].fix;
  const sections = (Object.keys(LOCKFILES) as LockfileFormat[]).map((format) => {
    const fixes = told((code) => (isSpecific(code) ? fixFor({ code }, contextOf(format)) : '(below)'));
    return `## ${format}\n\n${fixes}`;
  });
  const others = told((code) => (isSpecific(code) ? '(above)' : fixFor({ code }, contextOf('npm'))));
  return `${sections.join('\n')}\n## whatever the package manager\n\n${others}`.replaceAll(
    /^.*\n {2}\((?:above|below)\)\n/gm,
    '',
  );
}

test('fix.txt; LOCKSEAL_UPDATE_GOLDEN=1 writes what is told', () => {
  const file = path.join(import.meta.dirname, 'fix.txt');
  if (process.env['LOCKSEAL_UPDATE_GOLDEN'] === '1') fs.writeFileSync(file, written());
  assert.equal(written(), fs.readFileSync(file, 'utf8'));
});

test('what no package manager mends alone is told alike for all', () => {
  for (const code of codes) {
    const fixes = Object.keys(LOCKFILES).map((format) => fixFor({ code }, contextOf(format as LockfileFormat)));
    const isOfTable = fixes.map((fix) => fix === FINDING_CODES[code].fix);
    assert.equal(new Set(isOfTable).size, 1, code);
  }
});

describe('where no mending of the lockfile binds the bytes', () => {
  const signed = { status: 'verified', sha512: 'ab'.repeat(64), keyid: 'SHA256:one', keyOrigin: 'tuf' } as const;
  const absent = { status: 'absent', reason: 'it signs nothing' } as const;
  const pinned = (cacheKey: string): LockedPackage => ({
    ...tool,
    pin: { kind: 'yarn-checksum', cacheKey, lockfileCacheKey: cacheKey, sha512: 'cd'.repeat(64) },
  });
  const fixOf = (code: FindingCode, changes: Partial<FixContext>): string =>
    fixFor({ code }, contextOf('yarn-berry', changes));

  test('an approval binds them to what the registry signs', () => {
    assert.equal(
      fixOf('checksum-missing-elsewhere', { signedDigest: signed }),
      'Yarn has no setting that mends it. An approval binds it to the sha512 that the registry signs, and `lockseal install` holds its bytes to that.',
    );
  });

  test('or nothing does, and the gate refuses it', () => {
    for (const code of ['checksum-missing-elsewhere', 'checksum-unreproducible'] as const) {
      const fix = fixOf(code, { entry: pinned('10c0'), signedDigest: absent });
      assert.match(
        fix,
        /^Yarn has no setting that mends it\. No signature of the registry tells its sha512 either \(it signs nothing\), so that the gate refuses it: /,
      );
    }
  });

  test('the policy must say so of a checksum that cannot be rebuilt', () => {
    const exception =
      "`- {packages: ['@acme/tool@1.2.0'], rules: {integrity: {levels: {checksum-unreproducible: warn}}}}`.";
    const odd = fixOf('checksum-unreproducible', { entry: pinned('10c0'), signedDigest: signed });
    assert.ok(odd.startsWith('Yarn has no setting') && odd.endsWith(exception), odd);
    const compressed = fixOf('checksum-unreproducible', { entry: pinned('8'), signedDigest: signed });
    assert.ok(compressed.startsWith('Set `compressionLevel: 0`') && compressed.endsWith(exception), compressed);
  });

  test('nobody is led around a pin that can be mended', () => {
    for (const code of codes) {
      if (code === 'checksum-missing-elsewhere' || code === 'checksum-unreproducible') continue;
      assert.equal(fixOf(code, { signedDigest: signed }), fixOf(code, {}), code);
    }
  });

  test('a name that cannot be typed enters no policy', () => {
    const entry = { ...pinned('10c0'), name: "x'], rules: {}, y: ['" };
    assert.match(fixOf('checksum-unreproducible', { entry, signedDigest: signed }), /packages: \[…\]/);
  });
});

describe('the place', () => {
  const restore = (changes: Partial<FixContext>, position?: { line: number; column: number }): string =>
    fixFor({ code: 'version-missing', position }, contextOf('npm', changes));

  test("is the observation's own, for an edge is not where its entry begins", () => {
    assert.match(restore({}, { line: 99, column: 7 }), /^Restore the entry at package-lock\.json:99:7 from/);
  });

  test("is the entry's where the observation has none", () => {
    assert.match(restore({}), /^Restore the entry at package-lock\.json:12:5 from/);
  });

  test('is the file alone where neither has one, or no entry is known', () => {
    assert.match(restore({ entry: { ...tool, position: undefined } }), /^Restore the entry at package-lock\.json from/);
    assert.match(restore({ entry: undefined }), /^Restore the entry at package-lock\.json from/);
  });
});

describe('a command to be typed', () => {
  const refuse = (changes: Partial<LockedPackage>): string =>
    fixFor({ code: 'signature-invalid' }, contextOf('npm', { entry: { ...tool, ...changes } }));
  const general = FINDING_CODES['signature-invalid'].fix;

  test('holds the name, and leaves the version to the reader', () => {
    assert.equal(
      refuse({ name: '@acme/tool', version: '1.2.0-rc.1+b' }),
      'Do not install @acme/tool@1.2.0-rc.1+b; report it to the registry, and lock another version: `npm install @acme/tool@<version>`.',
    );
  });

  const untypeable: readonly (readonly [why: string, changes: Partial<LockedPackage>])[] = [
    ['has no version', { version: undefined }],
    ['has a range for a version', { version: '^1.2.0' }],
    ['has a tag for a version', { version: 'latest' }],
    ['has a command in its version', { version: '1.2.0; rm -rf ~' }],
    ['has a name that is read as an option', { name: '-g' }],
    ['has a name that is read as a long option', { name: '--registry' }],
    ['has a command in its name', { name: '$(id)' }],
    ['has a backtick in its name', { name: 'a`id`' }],
    ['has a name of two words', { name: 'a b' }],
    ['has a path for a name', { name: '../a' }],
    ['has a URL for a name', { name: 'https://example.com/a.tgz' }],
    ['has no name', { name: '' }],
  ];
  for (const [why, changes] of untypeable) {
    test(`holds nothing of a package that ${why}`, () => assert.equal(refuse(changes), general));
  }

  test('holds nothing where no entry is known', () => {
    assert.equal(fixFor({ code: 'signature-invalid' }, contextOf('npm', { entry: undefined })), general);
  });
});

describe('where the locked digest is disputed', () => {
  const MEND = 'Mend the locked digest first: the evidence is over the published bytes, not over the locked ones.';
  const OVER_THE_DIGEST: readonly string[] = [
    'signature-invalid',
    'signature-key-expired',
    'publish-attestation-invalid',
    'provenance-invalid',
    'provenance-inconsistent',
  ];
  for (const code of codes) {
    const comesFirst = OVER_THE_DIGEST.includes(code);
    test(`${code} is mended ${comesFirst ? 'after it' : 'as ever'}`, () => {
      const [usual, disputed] = [false, true].map((isDigestDisputed) =>
        fixFor({ code }, contextOf('npm', { isDigestDisputed })),
      );
      assert.equal(disputed, comesFirst ? MEND : usual);
      assert.notEqual(usual, MEND);
    });
  }
});
