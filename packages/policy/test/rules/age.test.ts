import { builtBy, daysAgo, history, hold, loggedAt, NO_HISTORY, published } from '../support/judge.ts';

const AGE = '{release-age: {level: error, minAge: P3D}}';
const YOUNG = '{young-new-dependency: {level: error, minAge: P30D}}';
const DORMANT = '{dormant-revived: {level: warn, gap: P180D, within: P30D}}';

hold('release-age', [
  {
    why: 'no such rule by default',
    policy: '{}',
    evidence: { history: history({ publishedAt: daysAgo(1) }) },
    says: [],
  },
  { why: 'published 60 days ago', policy: AGE, evidence: { history: history() }, says: [] },
  {
    why: 'published 2 days ago, as the registry says',
    policy: AGE,
    evidence: { history: history({ publishedAt: daysAgo(2) }) },
    says: ['error release-too-young'],
    words:
      /^published at least 3 days ago\n2 days ago: 2026-11-20T10:00:00Z \(the registry's word\)\n\nWait until 2026-11-23T10:00Z,/,
  },
  {
    why: 'exactly as old as asked',
    policy: AGE,
    evidence: { history: history({ publishedAt: daysAgo(3) }) },
    says: [],
  },
  {
    why: 'a millisecond too young',
    policy: AGE,
    evidence: { history: history({ publishedAt: new Date(Date.parse(daysAgo(3)) + 1).toISOString() }) },
    says: ['error release-too-young'],
  },
  {
    why: 'a minute ago',
    policy: AGE,
    evidence: { history: history({ publishedAt: new Date(Date.parse(daysAgo(0)) - 60_000).toISOString() }) },
    says: ['error release-too-young'],
    words: /\n1 minute ago/,
  },
  {
    why: 'an attestation that does not verify tells no time',
    policy: AGE,
    evidence: { history: history() },
    checks: {
      publishAttestation: {
        status: 'invalid',
        code: 'publish-attestation-invalid',
        reason: 'x',
        loggedAt: daysAgo(0),
      } as never,
      provenance: { status: 'invalid', code: 'provenance-invalid', reason: 'x', signedAt: daysAgo(0) } as never,
    },
    says: ['error provenance-invalid', 'error publish-attestation-invalid'],
  },
  {
    why: 'in the future',
    policy: AGE,
    evidence: { history: history({ publishedAt: daysAgo(-5) }) },
    says: ['error release-too-young'],
    words: /\n0 minutes ago/,
  },
  {
    why: 'a log says 2 hours, the registry 60 days: the log counts',
    policy: AGE,
    evidence: { history: history() },
    checks: { publishAttestation: loggedAt(2 / 24) },
    says: ['error release-too-young'],
    words: /2 hours ago: .* \(a log vouches for it\)/,
  },
  {
    why: 'a log says 9 days, the registry 1: the log counts',
    policy: AGE,
    evidence: { history: history({ publishedAt: daysAgo(1) }) },
    checks: { publishAttestation: loggedAt(9) },
    says: [],
  },
  {
    why: 'built 9 days ago, published 90 minutes ago: the later counts',
    policy: AGE,
    evidence: { history: history() },
    checks: { publishAttestation: loggedAt(1 / 16), provenance: builtBy({}, daysAgo(9)) },
    says: ['error release-too-young'],
    words: /\n90 minutes ago/,
  },
  {
    why: 'built 1 day ago, and no publish attestation',
    policy: AGE,
    evidence: { history: history() },
    checks: { provenance: builtBy({}, daysAgo(1)) },
    says: ['error release-too-young'],
  },
  {
    why: 'an attestation without a time leaves the registry',
    policy: AGE,
    evidence: { history: history() },
    checks: { publishAttestation: loggedAt(undefined) },
    says: [],
  },
  {
    why: 'the version document carries the time',
    policy: AGE,
    evidence: { history: undefined, published: published({ publishedAt: daysAgo(1) }) },
    says: ['error release-too-young'],
  },
  { why: 'the history could not be had', policy: AGE, evidence: { history: NO_HISTORY }, says: ['undecided'] },
  {
    why: 'no history, and a warning would not need it',
    policy: '{release-age: {level: warn}}',
    evidence: { history: NO_HISTORY },
    says: [],
  },
  {
    why: 'nobody tells when',
    policy: AGE,
    evidence: { history: history({ publishedAt: undefined }) },
    says: ['undecided'],
  },
  {
    why: 'a time that is none',
    policy: AGE,
    evidence: { history: history({ publishedAt: 'yesterday' }) },
    says: ['undecided'],
  },
  {
    why: 'also what the baseline has',
    policy: AGE,
    evidence: { change: 'unchanged', history: history({ publishedAt: daysAgo(1) }) },
    says: ['error release-too-young'],
  },
  {
    why: 'excepted',
    policy: '{release-age: {level: error, except: tool}}',
    evidence: { history: history({ publishedAt: daysAgo(1) }) },
    says: [],
  },
  {
    why: 'another version is excepted',
    policy: '{release-age: {level: error, except: tool@1.1.0}}',
    evidence: { history: history({ publishedAt: daysAgo(1) }) },
    says: ['error release-too-young'],
  },
  { why: 'a workspace has no age', policy: AGE, evidence: { class: 'workspace' }, says: [] },
  {
    why: 'three days unless the policy says otherwise',
    policy: '{release-age: error}',
    evidence: { history: history({ publishedAt: daysAgo(2.9) }) },
    says: ['error release-too-young'],
  },
]);

hold('young-new-dependency', [
  { why: 'a package of years', policy: YOUNG, evidence: { history: history() }, says: [] },
  {
    why: 'a package of a day',
    policy: YOUNG,
    evidence: { history: history({ firstPublishedAt: daysAgo(1) }) },
    says: ['error young-dependency'],
    words: /^a package of at least 30 days\nfirst published 24 hours ago: 2026-11-21.* \(the registry's word\)/,
  },
  {
    why: 'exactly old enough',
    policy: YOUNG,
    evidence: { history: history({ firstPublishedAt: daysAgo(30) }) },
    says: [],
  },
  {
    why: 'the baseline does not have it',
    policy: YOUNG,
    evidence: { change: 'added', history: history({ firstPublishedAt: daysAgo(1) }) },
    says: ['error young-dependency'],
  },
  {
    why: 'the baseline has another version of it',
    policy: YOUNG,
    evidence: { change: 'changed', history: history({ firstPublishedAt: daysAgo(1) }) },
    says: [],
  },
  {
    why: 'the baseline has it',
    policy: YOUNG,
    evidence: { change: 'unchanged', history: history({ firstPublishedAt: daysAgo(1) }) },
    says: [],
  },
  {
    why: 'excepted',
    policy: '{young-new-dependency: {except: "t*"}}',
    evidence: { history: history({ firstPublishedAt: daysAgo(1) }) },
    says: [],
  },
  { why: 'the history could not be had', policy: YOUNG, evidence: { history: NO_HISTORY }, says: ['undecided'] },
  {
    why: 'nobody tells when',
    policy: YOUNG,
    evidence: { history: history({ firstPublishedAt: undefined }) },
    says: [],
  },
  { why: 'no history was asked for', policy: YOUNG, says: [] },
]);

hold('dormant-revived', [
  {
    why: 'the first version of a package',
    policy: DORMANT,
    evidence: { history: history({ silence: undefined }) },
    says: [],
  },
  {
    why: 'a long silence that ended long ago',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(900), to: daysAgo(31) } }) },
    says: [],
  },
  {
    why: 'a long silence of what no registry serves',
    policy: DORMANT,
    evidence: { class: 'git', history: history({ silence: { from: daysAgo(900), to: daysAgo(3) } }) },
    says: [],
  },
  {
    why: 'a release every few weeks',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(40), to: daysAgo(5) } }) },
    says: [],
  },
  {
    why: 'three years of silence, then a release',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(1100), to: daysAgo(5) } }) },
    says: ['warn dormant-revived'],
    words: /^a release in the 180 days before\nnone for 1095 days, until 2026-11-17/,
  },
  {
    why: 'exactly as long as counts',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(185), to: daysAgo(5) } }) },
    says: ['warn dormant-revived'],
  },
  {
    why: 'an hour short of it',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(184.9), to: daysAgo(5) } }) },
    says: [],
  },
  {
    why: 'long ago: others have seen it since',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(1100), to: daysAgo(31) } }) },
    says: [],
  },
  {
    why: 'as old as is looked at',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(1100), to: daysAgo(30) } }) },
    says: ['warn dormant-revived'],
  },
  {
    why: 'accepted before',
    policy: DORMANT,
    evidence: { change: 'unchanged', history: history({ silence: { from: daysAgo(1100), to: daysAgo(5) } }) },
    says: [],
  },
  {
    why: 'the very first version',
    policy: DORMANT,
    evidence: { history: history({ silence: undefined }) },
    says: [],
  },
  {
    why: 'nobody tells when it was published',
    policy: DORMANT,
    evidence: { history: history({ silence: { from: daysAgo(1100), to: 'soon' } }) },
    says: [],
  },
  {
    why: 'the history could not be had',
    policy: '{dormant-revived: error}',
    evidence: { history: NO_HISTORY },
    says: ['undecided'],
  },
]);
