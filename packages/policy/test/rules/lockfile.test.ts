import { hold, daysAgo } from '../support/judge.ts';
import { verificationOf } from '../../../../test/support/verification.ts';

const { trust } = verificationOf([]);
const root = (changes: Partial<typeof trust.root>) => ({ trust: { ...trust, root: { ...trust.root, ...changes } } });
const of = (text: string): string => `version: 1\ntrust: ${text}\n`;

hold('trust', [
  { why: 'anything goes', policy: '{}', verification: root({ origin: 'file', asOf: undefined }), says: [] },
  { why: 'one of the roots', policy: of(`{roots: [${'a'.repeat(64)}, "${trust.root.sha256}"]}`), says: [] },
  {
    why: 'another root',
    policy: of(`{roots: [${'a'.repeat(64)}]}`),
    says: ['error trust-unacceptable'],
    words: /^a{64}\n(67){32}/,
  },
  { why: 'from where it may come', policy: of('{origins: [tuf, embedded]}'), says: [] },
  {
    why: 'from a file',
    policy: of('{origins: [tuf, embedded]}'),
    verification: root({ origin: 'file' }),
    says: ['error trust-unacceptable'],
    words: /^tuf or embedded\nfile/,
  },
  { why: 'fresh enough', policy: of('{maxAge: P30D}'), verification: root({ asOf: daysAgo(30) }), says: [] },
  {
    why: 'too old',
    policy: of('{maxAge: P30D}'),
    verification: root({ asOf: daysAgo(31) }),
    says: ['error trust-unacceptable'],
    words: /^a root of at most 30 days\n31 days old/,
  },
  {
    why: 'of unknown age',
    policy: of('{maxAge: P30D}'),
    verification: root({ asOf: undefined }),
    says: ['error trust-unacceptable'],
    words: /unknown age/,
  },
  {
    why: 'of an age that is none',
    policy: of('{maxAge: P30D}'),
    verification: root({ asOf: 'soon' }),
    says: ['error trust-unacceptable'],
  },
  { why: 'turned off', policy: `${of('{origins: tuf}')}rules: {trust: off}`, says: [] },
  {
    why: 'all at once',
    policy: of(`{roots: [${'a'.repeat(64)}], origins: tuf, maxAge: P1D}`),
    says: ['error trust-unacceptable', 'error trust-unacceptable', 'error trust-unacceptable'],
  },
]);

const CHANGE_RULES = ['dormant-revived', 'identity-drift', 'provenance-downgrade', 'publisher-change', 'tarball-delta'];

hold('baseline', [
  { why: 'nobody asks', policy: '{}', verification: { baseline: undefined }, says: [] },
  {
    why: 'there is none, said once',
    policy: '{baseline: warn}',
    verification: { baseline: undefined },
    says: ['warn baseline-missing'],
  },
  ...CHANGE_RULES.map((rule) => ({
    why: `there is none, and ${rule} asks for one`,
    policy: `{${rule}: warn}`,
    verification: { baseline: undefined },
    says: ['note baseline-missing'],
  })),
  {
    why: 'there is none, and the rule that asks for one is off',
    policy: '{identity-drift: off}',
    verification: { baseline: undefined },
    says: [],
  },
  {
    why: 'there is none, of which nobody wants to hear',
    policy: '{baseline: off, identity-drift: error}',
    verification: { baseline: undefined },
    says: [],
  },
  {
    why: 'a rule asks that needs none',
    policy: '{deprecated: error}',
    verification: { baseline: undefined },
    says: [],
  },
  { why: 'there is one', policy: '{baseline: note}', verification: { baseline: { origin: 'main' } }, says: [] },
]);

hold('what verification observed of the lockfile', [
  {
    why: 'at its own level',
    policy: '{}',
    verification: { observations: [{ code: 'shadowing-lockfile' }] },
    says: ['error shadowing-lockfile'],
  },
  {
    why: 'at that of the policy',
    policy: '{shadowing-lockfile: warn}',
    verification: { observations: [{ code: 'shadowing-lockfile' }] },
    says: ['warn shadowing-lockfile'],
  },
  {
    why: 'not at all',
    policy: '{shadowing-lockfile: off}',
    verification: { observations: [{ code: 'shadowing-lockfile' }] },
    says: [],
  },
  {
    why: 'overrides are about packages, not about the lockfile',
    policy: 'version: 1\noverrides: [{packages: "**", rules: {shadowing-lockfile: off}}]',
    verification: { observations: [{ code: 'shadowing-lockfile' }] },
    says: ['error shadowing-lockfile'],
  },
]);
