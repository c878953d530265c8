import type { CheckResult, Evidence, Identity } from '@lockseal/core';

type Row = readonly [label: string, text: string];

/** What is known of an entry, in the order in which a reader asks. */
export function explainFacts(evidence: Evidence, path: readonly string[] | undefined): readonly Row[] {
  const { grade, reason, checks, reach, change } = evidence;
  const rows: readonly (readonly [label: string, text: string | undefined])[] = [
    ['path', path?.join(' > ')],
    ['used', reach && `${reach.direct ? 'directly' : 'through others'}, ${reach.kind}`],
    ['grade', `${grade}: ${reason}`],
    ['signature', statusOf(checks.signature)],
    ['provenance', provenanceText(checks.provenance)],
    ['published', publishedText(evidence)],
    ['scripts', scriptsText(evidence.installScripts)],
    ['change', change],
    ['before', previousText(evidence)],
    ['package', packageText(evidence)],
  ];
  return rows.flatMap(([label, text]) => (text === undefined ? [] : [[label, text] as const]));
}

function statusOf(check: CheckResult): string {
  return check.status === 'verified' ? 'verified' : `${check.status}: ${check.reason}`;
}

function provenanceText(check: Evidence['checks']['provenance']): string {
  if (check.status !== 'verified') return `${check.status}: ${check.reason}`;
  return `verified, ${check.signedAt}: ${signerText(check.identity)}`;
}

function signerText({ repository, san, workflow, ref, trigger, runnerEnvironment }: Identity): string {
  const where = repository === undefined ? san : `${repository}, ${workflow ?? 'no workflow'} at ${ref ?? 'no ref'}`;
  return `${where}, ${trigger ?? 'unknown trigger'}, ${runnerEnvironment ?? 'unknown runner'}`;
}

function publishedText({ published, history, checks }: Evidence): string | undefined {
  const logged = checks.publishAttestation.status === 'verified' ? checks.publishAttestation.loggedAt : undefined;
  const told = (history?.status === 'verified' ? history.publishedAt : undefined) ?? published?.publishedAt;
  const time = logged === undefined ? told && `${told} as the registry says` : `${logged} as a log vouches`;
  if (published === undefined && time === undefined) return undefined;
  const deprecated = published?.deprecated === undefined ? '' : `; deprecated: ${published.deprecated}`;
  return `${time ?? 'at an unknown time'}, by ${published?.publisher ?? 'an unknown account'}${deprecated}`;
}

function scriptsText(scripts: Evidence['installScripts']): string | undefined {
  if (scripts?.sha256 === undefined) return scripts && 'none';
  const proof = scripts.proof === 'tarball' ? 'read in the locked tarball' : 'as the registry says';
  return `${scripts.names.join(', ')} (${proof}), sha256 ${scripts.sha256}`;
}

function previousText({ history }: Evidence): string | undefined {
  if (history === undefined) return undefined;
  if (history.status !== 'verified') return `${history.status}: ${history.reason}`;
  const { previous } = history;
  if (previous === undefined) return 'nothing to compare with';
  const relation = previous.relation === 'locked' ? 'locked before' : 'the one before in its release line';
  const { provenance, publishedAt = 'an unknown time', publisher = 'an unknown account' } = previous;
  const built = provenance.status === 'verified' ? signerText(provenance.identity) : 'no verified provenance';
  return `${previous.version} (${relation}), ${publishedAt}, by ${publisher}: ${built}`;
}

function packageText({ history }: Evidence): string | undefined {
  if (history?.status !== 'verified') return undefined;
  const { firstPublishedAt = 'an unknown time', earlierVersions, earlierPublishers } = history;
  const accounts = earlierPublishers.slice(0, 5).join(', ');
  return `first published ${firstPublishedAt}; ${earlierVersions} earlier versions, by ${accounts === '' ? 'nobody' : accounts}`;
}
