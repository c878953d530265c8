import { hold, loggedAt, PROVEN, UNAVAILABLE } from '../support/judge.ts';

const INVALID = { status: 'invalid', code: 'provenance-invalid', reason: 'bad' } as const;
const REQUIRE = '{provenance: {require: true}}';

hold('provenance', [
  { why: 'there is none, and nobody asks', policy: '{}', says: [] },
  {
    why: 'there is none',
    policy: REQUIRE,
    says: ['error provenance-missing'],
    words: /\nthe registry announces none\n/,
  },
  { why: 'there is one', policy: REQUIRE, checks: { provenance: PROVEN }, says: [] },
  {
    why: 'an invalid one is told as such',
    policy: REQUIRE,
    checks: { provenance: INVALID },
    says: ['error provenance-invalid'],
  },
  {
    why: 'it could not be had',
    policy: REQUIRE,
    checks: { provenance: UNAVAILABLE },
    says: ['warn evidence-unavailable', 'undecided'],
  },
  {
    why: 'it could not be had, and a warning would do',
    policy: '{provenance: {require: true, levels: {provenance-missing: warn}}}',
    checks: { provenance: UNAVAILABLE },
    says: ['warn evidence-unavailable'],
  },
  {
    why: 'there can be none',
    policy: REQUIRE,
    checks: { provenance: { status: 'not-applicable', reason: 'unbound' } },
    says: ['error provenance-missing'],
  },
  ...(['prod', 'optional', 'dev', 'none'] as const).map((kind) => ({
    why: `whatever the way to it: ${kind}`,
    policy: REQUIRE,
    evidence: { reach: { direct: false, kind } },
    says: ['error provenance-missing'],
  })),
  { why: 'of others', policy: '{provenance: {require: true, packages: ["@acme/*"]}}', says: [] },
  {
    why: 'of these',
    policy: '{provenance: {require: true, packages: [a, "to*"]}}',
    says: ['error provenance-missing'],
  },
  { why: 'of another version', policy: '{provenance: {require: true, packages: tool@2}}', says: [] },
  {
    why: 'of what is in production',
    policy: '{provenance: {require: true, kinds: prod}}',
    evidence: { reach: { direct: false, kind: 'prod' } },
    says: ['error provenance-missing'],
  },
  {
    why: 'not of what is in development',
    policy: '{provenance: {require: true, kinds: prod}}',
    evidence: { reach: { direct: true, kind: 'dev' } },
    says: [],
  },
  {
    why: 'where nobody knows how it is used, of everything',
    policy: '{provenance: {require: true, kinds: prod}}',
    says: ['error provenance-missing'],
  },
  { why: 'not of a workspace', policy: REQUIRE, evidence: { class: 'workspace' }, says: [] },
  {
    why: 'not of those excepted by an override',
    policy: `version: 1\nrules: ${REQUIRE}\noverrides: [{packages: tool, rules: {provenance: {require: false}}}]`,
    says: [],
  },
]);

hold('publish-attestation', [
  { why: 'there is none, and nobody asks', policy: '{}', says: [] },
  {
    why: 'there is none',
    policy: '{publish-attestation: {require: true}}',
    says: ['error publish-attestation-missing'],
  },
  {
    why: 'there is one',
    policy: '{publish-attestation: {require: true}}',
    checks: { publishAttestation: loggedAt(3) },
    says: [],
  },
  { why: 'of others', policy: '{publish-attestation: {require: true, packages: other}}', says: [] },
  {
    why: 'it could not be had',
    policy: '{publish-attestation: {require: true}}',
    checks: { publishAttestation: UNAVAILABLE },
    says: ['warn evidence-unavailable', 'undecided'],
  },
]);

const SIGNED = '{registry-signature: {levels: {signature-missing: error}}}';

hold('registry-signature', [
  { why: 'verified', policy: SIGNED, says: [] },
  {
    why: 'missing is a note by default',
    policy: '{}',
    checks: { signature: { status: 'absent', reason: 'none' } },
    says: ['note signature-missing'],
  },
  {
    why: 'missing, and required',
    policy: SIGNED,
    checks: { signature: { status: 'absent', reason: 'none' } },
    says: ['error signature-missing'],
  },
  {
    why: 'not to be had, and required',
    policy: SIGNED,
    checks: { signature: UNAVAILABLE },
    says: ['warn evidence-unavailable', 'undecided'],
  },
  {
    why: 'not to be had, and not required',
    policy: '{}',
    checks: { signature: UNAVAILABLE },
    says: ['warn evidence-unavailable'],
  },
  {
    why: 'not of a git dependency',
    policy: SIGNED,
    evidence: { class: 'git' },
    checks: { signature: UNAVAILABLE },
    says: ['warn evidence-unavailable'],
  },
]);
