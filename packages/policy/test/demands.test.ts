import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '@lockseal/core';
import { areNoStronger, demandsOf, loadPolicy, type Demands } from '../src/index.ts';

async function demands(text: string): Promise<Demands> {
  const loaded = await loadPolicy(
    { file: 'lockseal.yaml', text },
    { now: Date.parse('2026-06-01T00:00:00Z'), read: async () => undefined },
  );
  assert.ok(loaded.status === 'ok', JSON.stringify(loaded));
  return demandsOf(loaded.policy);
}

const RELEASE_AGE = 'version: 1\nrules:\n  release-age: {level: warn, minAge: P3D, except: ["@acme/*"]}\n';

interface Case {
  readonly why: string;
  readonly before: string;
  readonly now: string;
  readonly weaker: boolean;
}

const cases: readonly Case[] = [
  { why: 'the same', before: RELEASE_AGE, now: RELEASE_AGE, weaker: true },
  {
    why: 'who approves, and comments, demand nothing of packages',
    before: RELEASE_AGE,
    now: `# more\n${RELEASE_AGE}longestWaiver: P60D\n`,
    weaker: true,
  },
  { why: 'a rule at a lower level', before: RELEASE_AGE, now: RELEASE_AGE.replace('warn', 'note'), weaker: true },
  { why: 'a rule that is off', before: RELEASE_AGE, now: 'version: 1\nrules: {release-age: off}\n', weaker: true },
  { why: 'a rule at a higher level', before: RELEASE_AGE, now: RELEASE_AGE.replace('warn', 'error'), weaker: false },
  { why: 'a rule that was off', before: 'version: 1\nrules: {release-age: off}\n', now: RELEASE_AGE, weaker: false },
  { why: 'a rule that nobody mentioned', before: 'version: 1\n', now: RELEASE_AGE, weaker: false },
  { why: 'a longer age', before: RELEASE_AGE, now: RELEASE_AGE.replace('P3D', 'P7D'), weaker: false },
  {
    why: 'a shorter age: options are not compared, and in doubt it is stronger',
    before: RELEASE_AGE,
    now: RELEASE_AGE.replace('P3D', 'P1D'),
    weaker: false,
  },
  {
    why: 'fewer exceptions of a rule',
    before: RELEASE_AGE,
    now: RELEASE_AGE.replace('"@acme/*"', ''),
    weaker: false,
  },
  {
    why: 'one finding of a rule raised',
    before: 'version: 1\nrules: {release-age: {level: warn}}\n',
    now: 'version: 1\nrules: {release-age: {level: warn, levels: {release-too-young: error}}}\n',
    weaker: false,
  },
  {
    why: 'a stricter preset',
    before: 'version: 1\nextends: baseline\n',
    now: 'version: 1\nextends: strict\n',
    weaker: false,
  },
  {
    why: 'registries named where all were accepted',
    before: 'version: 1\n',
    now: 'version: 1\nregistries: ["https://registry.npmjs.org/"]\n',
    weaker: false,
  },
  {
    why: 'one registry more',
    before: 'version: 1\nregistries: ["https://registry.npmjs.org/"]\n',
    now: 'version: 1\nregistries: ["https://registry.npmjs.org/", "https://npm.example.com/"]\n',
    weaker: true,
  },
  {
    why: 'an identity pinned',
    before: 'version: 1\n',
    now: 'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug"}\n',
    weaker: false,
  },
  {
    why: 'an identity pinned no more',
    before:
      'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug"}\n',
    now: 'version: 1\n',
    weaker: true,
  },
  {
    why: 'another identity pinned',
    before:
      'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug"}\n',
    now: 'version: 1\nidentities:\n  debug: {issuer: "https://token.actions.githubusercontent.com", repository: "https://github.com/acme/debug", trigger: push}\n',
    weaker: false,
  },
  {
    why: 'a rule of the project',
    before: 'version: 1\n',
    now: 'version: 1\ncustom: [{name: licences, when: "pkg.license == \'GPL\'", message: no}]\n',
    weaker: false,
  },
  {
    why: 'the same rule of the project, which looks at the package alone',
    before: 'version: 1\ncustom: [{name: licences, when: "pkg.license == \'GPL\'", message: no}]\n',
    now: 'version: 1\ncustom: [{name: licences, when: "pkg.license == \'GPL\'", message: no}]\n',
    weaker: true,
  },
  ...['"evil" in path', 'pkg["registry"] == "x"', 'change.kind == "added"', 'evidence.ageDays > 700'].map((when) => ({
    why: `the same rule of the project, which looks at what changes around a package: ${when}`,
    before: `version: 1\ncustom: [{name: own, when: '${when}', message: no}]\n`,
    now: `version: 1\ncustom: [{name: own, when: '${when}', message: no}]\n`,
    weaker: false,
  })),
  {
    why: 'other rules for some packages',
    before: RELEASE_AGE,
    now: `${RELEASE_AGE}overrides: [{packages: [debug], rules: {provenance: {require: true}}}]\n`,
    weaker: false,
  },
];

describe('the demands of a policy', () => {
  for (const { why, before, now, weaker } of cases) {
    test(`${weaker ? 'are no stronger' : 'may be stronger'}: ${why}`, async () => {
      assert.equal(areNoStronger(await demands(now), recorded(await demands(before))), weaker);
    });
  }

  for (const before of [null, [], 'x', {}, { rules: {} }, { rules: { 'release-age': 1 } }] as const) {
    test(`may be stronger than what is no demands: ${JSON.stringify(before)}`, async () => {
      assert.equal(areNoStronger(await demands('version: 1\n'), before as Json), false);
    });
  }
});

/** As an approval holds it. */
function recorded(value: Demands): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
