import {
  builtBy,
  daysAgo,
  history,
  hold,
  NO_HISTORY,
  previous,
  published,
  PROVEN,
  UNAVAILABLE,
} from '../support/judge.ts';

const REPO = 'https://github.com/example/tool';
const ISSUER = 'https://token.actions.githubusercontent.com';
const pin = (identity: string, packages = 'tool'): string => `version: 1\nidentities:\n  ${packages}: ${identity}\n`;
const MATCHING = `{issuer: ${ISSUER}, repository: ${REPO}}`;
const FORK = `{issuer: ${ISSUER}, repository: https://github.com/mallory/tool}`;

hold('identity', [
  { why: 'the pinned repository', policy: pin(MATCHING), checks: { provenance: PROVEN }, says: [] },
  {
    why: 'a fork',
    policy: pin(FORK),
    checks: { provenance: PROVEN },
    says: ['error identity-mismatch'],
    words:
      /^repository https:\/\/github.com\/mallory\/tool\nrepository https:\/\/github.com\/example\/tool\nPinned under identities: tool./,
  },
  { why: 'one of two that may', policy: pin(`[${FORK}, ${MATCHING}]`), checks: { provenance: PROVEN }, says: [] },
  {
    why: 'neither of two: the nearest is told',
    policy: pin(`[{issuer: https://x.test, repository: x}, ${FORK}]`),
    checks: { provenance: PROVEN },
    says: ['error identity-mismatch'],
    words: /^repository https:\/\/github.com\/mallory/,
  },
  {
    why: 'another numeric id of the same name',
    policy: pin(`{issuer: ${ISSUER}, repository: ${REPO}, repositoryId: "999"}`),
    checks: { provenance: PROVEN },
    says: ['error identity-mismatch'],
    words: /^repositoryId 999\nrepositoryId 1001/,
  },
  {
    why: 'two members that differ, both told',
    policy: pin(`{issuer: ${ISSUER}, repository: ${REPO}, trigger: dispatch, visibility: private}`),
    checks: { provenance: PROVEN },
    says: ['error identity-mismatch'],
    words: /^trigger dispatch, visibility private\ntrigger push, visibility public\n/,
  },
  {
    why: 'a member that the certificate lacks',
    policy: pin(`{issuer: ${ISSUER}, repository: ${REPO}, ownerId: "5"}`),
    checks: { provenance: builtBy({ ownerId: undefined }) },
    says: ['error identity-mismatch'],
    words: /ownerId \(none\)/,
  },
  {
    why: 'a ref by pattern',
    policy: pin(`{issuer: ${ISSUER}, repository: ${REPO}, ref: {pattern: "^refs/tags/v.*$"}}`),
    checks: { provenance: PROVEN },
    says: [],
  },
  {
    why: 'no provenance at all: leaving it out must not pass',
    policy: pin(MATCHING),
    says: ['error identity-mismatch'],
    words: /^provenance by the pinned identity\nthe registry announces none/,
  },
  {
    why: 'provenance that does not verify',
    policy: pin(MATCHING),
    checks: { provenance: { status: 'invalid', code: 'provenance-invalid', reason: 'bad' } },
    says: ['error identity-mismatch', 'error provenance-invalid'],
  },
  {
    why: 'provenance that could not be had',
    policy: pin(MATCHING),
    checks: { provenance: UNAVAILABLE },
    says: ['warn evidence-unavailable', 'undecided'],
  },
  {
    why: 'another package is pinned',
    policy: `${pin(FORK, 'other')}rules: {policy-file: off}`,
    checks: { provenance: PROVEN },
    says: [],
  },
  {
    why: 'another version is pinned',
    policy: `${pin(FORK, 'tool@2')}rules: {policy-file: off}`,
    checks: { provenance: PROVEN },
    says: [],
  },
  {
    why: 'a bundled copy has no provenance of its own',
    policy: pin(MATCHING),
    evidence: { class: 'bundled' },
    says: [],
  },
  { why: 'turned off', policy: `${pin(FORK)}rules: {identity: off}`, checks: { provenance: PROVEN }, says: [] },
]);

const drift = (now: typeof PROVEN, before: typeof PROVEN = PROVEN) => ({
  checks: { provenance: now },
  evidence: { history: history({ previous: previous({ provenance: before }) }) },
});
const DRIFT = '{identity-drift: error}';

hold('identity-drift', [
  { why: 'the same build', policy: DRIFT, ...drift(PROVEN), says: [] },
  {
    why: 'another tag and commit, as every release has',
    policy: DRIFT,
    ...drift(builtBy({ ref: 'refs/tags/v9', commit: 'f'.repeat(40) })),
    says: [],
  },
  {
    why: 'a branch where there were tags',
    policy: DRIFT,
    ...drift(builtBy({ ref: 'refs/heads/fix-ci' })),
    says: ['error identity-drift'],
    words: /^ref refs\/tags\/\*\nref refs\/heads\/fix-ci\nCompared with 1.1.0 \(locked before\)/,
  },
  {
    why: 'another workflow on another runner, both told',
    policy: DRIFT,
    ...drift(builtBy({ workflow: 'x.yml', runnerEnvironment: 'self-hosted' })),
    says: ['error identity-drift'],
    words:
      /^workflow [^,]*release\.yml, runnerEnvironment github-hosted\nworkflow x\.yml, runnerEnvironment self-hosted\n/,
  },
  {
    why: 'no ref where there was one',
    policy: DRIFT,
    ...drift(builtBy({ ref: undefined })),
    says: ['error identity-drift'],
    words: /^ref refs\/tags\/\*\nref \(none\)\n/,
  },
  {
    why: 'another repository that has no number',
    policy: DRIFT,
    ...drift(
      builtBy({ repository: 'https://x.test/a', repositoryId: undefined }),
      builtBy({ repositoryId: undefined }),
    ),
    says: ['error identity-drift'],
    words: /^repository https:\/\/github\.com\/example\/tool\nrepository https:\/\/x\.test\/a\n/,
  },
  {
    why: 'another branch',
    policy: DRIFT,
    ...drift(builtBy({ ref: 'refs/heads/x' }), builtBy({ ref: 'refs/heads/main' })),
    says: ['error identity-drift'],
  },
  { why: 'another workflow', policy: DRIFT, ...drift(builtBy({ workflow: 'x.yml' })), says: ['error identity-drift'] },
  {
    why: 'another issuer',
    policy: DRIFT,
    ...drift(builtBy({ issuer: 'https://gitlab.com' })),
    says: ['error identity-drift'],
  },
  {
    why: 'a runner of their own',
    policy: DRIFT,
    ...drift(builtBy({ runnerEnvironment: 'self-hosted' })),
    says: ['error identity-drift'],
  },
  {
    why: 'the same name, re-created under another id',
    policy: DRIFT,
    ...drift(builtBy({ repositoryId: '7' })),
    says: ['error identity-drift'],
    words:
      /^repository https:\/\/github.com\/example\/tool \(id 1001\)\nrepository https:\/\/github.com\/example\/tool \(id 7\)/,
  },
  {
    why: 'another owner',
    policy: DRIFT,
    ...drift(builtBy({ ownerId: '7' })),
    says: ['error identity-drift'],
    words: /^owner 2002\nowner 7/,
  },
  {
    why: 'a repository that was renamed',
    policy: DRIFT,
    ...drift(builtBy({ repository: 'https://github.com/example/tools' })),
    says: [],
  },
  {
    why: 'without ids the name counts',
    policy: DRIFT,
    ...drift(
      builtBy({ repository: 'https://x.test/a', repositoryId: undefined }),
      builtBy({ repositoryId: undefined }),
    ),
    says: ['error identity-drift'],
    words: /^repository https:\/\/github.com\/example\/tool\nrepository https:\/\/x.test\/a/,
  },
  {
    why: 'a member is gone',
    policy: DRIFT,
    ...drift(builtBy({ workflow: undefined })),
    says: ['error identity-drift'],
    words: /workflow \(none\)/,
  },
  {
    why: 'another trigger is not looked at',
    policy: DRIFT,
    ...drift(builtBy({ trigger: 'workflow_dispatch' })),
    says: [],
  },
  {
    why: 'another trigger, where the policy looks at it',
    policy: '{identity-drift: {fields: trigger}}',
    ...drift(builtBy({ trigger: 'workflow_dispatch' })),
    says: ['error identity-drift'],
  },
  {
    why: 'only what the policy looks at',
    policy: '{identity-drift: {fields: [issuer, owner]}}',
    ...drift(builtBy({ workflow: 'x.yml' })),
    says: [],
  },
  {
    why: 'compared with its line',
    policy: DRIFT,
    checks: { provenance: builtBy({ workflow: 'x.yml' }) },
    evidence: { history: history({ previous: previous({ relation: 'line', provenance: PROVEN }) }) },
    says: ['error identity-drift'],
    words: /\(the one before in its line\)/,
  },
  {
    why: 'a pin says what is right',
    policy: `${pin(MATCHING)}rules: ${DRIFT}`,
    ...drift(builtBy({ ref: 'refs/heads/x' })),
    says: [],
  },
  {
    why: 'accepted before',
    policy: DRIFT,
    checks: { provenance: builtBy({ workflow: 'x' }) },
    evidence: { change: 'unchanged', history: history({ previous: previous({ provenance: PROVEN }) }) },
    says: [],
  },
  {
    why: 'none before',
    policy: DRIFT,
    checks: { provenance: PROVEN },
    evidence: { history: history({ previous: previous() }) },
    says: [],
  },
  { why: 'nothing before', policy: DRIFT, checks: { provenance: PROVEN }, evidence: { history: history() }, says: [] },
  {
    why: 'none now',
    policy: DRIFT,
    evidence: { history: history({ previous: previous({ provenance: PROVEN }) }) },
    says: [],
  },
  {
    why: 'no history',
    policy: DRIFT,
    checks: { provenance: PROVEN },
    evidence: { history: NO_HISTORY },
    says: ['undecided'],
  },
  { why: 'no history asked for', policy: DRIFT, checks: { provenance: PROVEN }, says: [] },
]);

const DOWN = '{provenance-downgrade: error}';
const had = {
  history: history({ previous: previous({ provenance: PROVEN }) }),
  published: published({ publisher: 'mallory' }),
};

hold('provenance-downgrade', [
  {
    why: 'the version before had it',
    policy: DOWN,
    evidence: had,
    says: ['error provenance-downgrade'],
    words:
      /^provenance, as 1.1.0 has: https:\/\/github.com\/example\/tool, 2026-10-01.*\nthe registry announces none\nPublished by mallory.\nStay on 1.1.0/,
  },
  {
    why: 'nobody is named',
    policy: DOWN,
    evidence: { ...had, published: undefined },
    says: ['error provenance-downgrade'],
    words: /nobody whom/,
  },
  {
    why: 'a build that names no repository',
    policy: DOWN,
    evidence: { history: history({ previous: previous({ provenance: builtBy({ repository: undefined }) }) }) },
    says: ['error provenance-downgrade'],
    words: /has: https:\/\/github.com\/example\/tool\/.github\/workflows/,
  },
  { why: 'both have it', policy: DOWN, evidence: had, checks: { provenance: PROVEN }, says: [] },
  { why: 'neither has it', policy: DOWN, evidence: { history: history({ previous: previous() }) }, says: [] },
  {
    why: 'only announced before: no evidence',
    policy: DOWN,
    evidence: {
      history: history({
        previous: previous({ provenance: { status: 'invalid', code: 'provenance-invalid', reason: 'bad' } }),
      }),
    },
    says: [],
  },
  { why: 'nothing before', policy: DOWN, evidence: { history: history() }, says: [] },
  { why: 'accepted before', policy: DOWN, evidence: { ...had, change: 'unchanged' }, says: [] },
  {
    why: 'invalid now: told by another rule',
    policy: DOWN,
    evidence: had,
    checks: { provenance: { status: 'invalid', code: 'provenance-invalid', reason: 'bad' } },
    says: ['error provenance-invalid'],
  },
  {
    why: 'it could not be had',
    policy: DOWN,
    evidence: had,
    checks: { provenance: UNAVAILABLE },
    says: ['warn evidence-unavailable', 'undecided'],
  },
  {
    why: 'it could not be had, and none before',
    policy: DOWN,
    evidence: { history: history() },
    checks: { provenance: UNAVAILABLE },
    says: ['warn evidence-unavailable'],
  },
  { why: 'no history', policy: DOWN, evidence: { history: NO_HISTORY }, says: ['undecided'] },
  { why: 'no history asked for', policy: DOWN, says: [] },
]);

const PUBLISHER = '{publisher-change: {level: warn, within: P90D}}';
const recent = (publisher: string | undefined, changes = {}) => ({
  published: published({ publisher }),
  history: history({ publishedAt: daysAgo(5), ...changes }),
});

hold('publisher-change', [
  { why: 'somebody who published before', policy: PUBLISHER, evidence: recent('bob'), says: [] },
  {
    why: 'somebody new',
    policy: PUBLISHER,
    evidence: recent('mallory'),
    says: ['warn publisher-changed'],
    words: /^one of alice, bob\nmallory \(the registry's word\)/,
  },
  {
    why: 'at most five are named',
    policy: PUBLISHER,
    evidence: recent('mallory', { earlierPublishers: ['a', 'b', 'c', 'd', 'e', 'f'] }),
    says: ['warn publisher-changed'],
    words: /^one of b, c, d, e, f\n/,
  },
  {
    why: 'as old as is looked at',
    policy: PUBLISHER,
    evidence: recent('mallory', { publishedAt: daysAgo(90) }),
    says: ['warn publisher-changed'],
  },
  { why: 'long ago', policy: PUBLISHER, evidence: recent('mallory', { publishedAt: daysAgo(91) }), says: [] },
  { why: 'nobody tells when', policy: PUBLISHER, evidence: recent('mallory', { publishedAt: undefined }), says: [] },
  { why: 'the first version', policy: PUBLISHER, evidence: recent('mallory', { earlierPublishers: [] }), says: [] },
  {
    why: 'a build that is proven',
    policy: PUBLISHER,
    evidence: recent('GitHub Actions'),
    checks: { provenance: builtBy({}, daysAgo(5)) },
    says: [],
  },
  { why: 'accepted before', policy: PUBLISHER, evidence: { ...recent('mallory'), change: 'unchanged' }, says: [] },
  { why: 'nobody is named', policy: PUBLISHER, evidence: recent(undefined), says: [] },
  { why: 'nothing is known', policy: PUBLISHER, evidence: { history: history() }, says: [] },
  {
    why: 'no history',
    policy: '{publisher-change: error}',
    evidence: { published: published(), history: NO_HISTORY },
    says: ['undecided'],
  },
  { why: 'no history asked for', policy: PUBLISHER, evidence: { published: published() }, says: [] },
]);
