import { changedValue, type ApprovedPackage, type TrustChange } from '@lockseal/signer';
import { sanitize } from '@lockseal/report';
import type { PreparedApproval } from './prepare-approval.ts';

const MAX_TEXT = 200;
/** More changes than anybody reads; the rest is counted. */
const MAX_LINES = 200;

/** What the approver is about to sign, and what it changes in trust since the last approval. */
export function renderPrepared({ statement, changes, since, unasked }: PreparedApproval): string {
  const { lockfile, counts, sequence, policy, source, approver, expiresAt, evidence } = statement.predicate;
  const grades = Object.entries(counts.grades).filter(([, number]) => number > 0);
  const lines = [
    `${sanitize(lockfile.path, MAX_TEXT)}: ${counts.entries} entries, ${grades.map(([grade, number]) => `${number} ${grade}`).join(', ')}`,
    since === undefined
      ? 'No approval yet: everything is new.'
      : `Since sequence ${since.statement.sequence} by ${sanitize(since.approver, MAX_TEXT)}: ${countChanges(changes)}`,
    ...changes.slice(0, MAX_LINES).map(renderChange),
    ...(changes.length > MAX_LINES ? [`  and ${changes.length - MAX_LINES} more`] : []),
    ...renderCarried(statement.predicate, since === undefined ? undefined : unasked),
    ...renderSigned(statement.predicate),
    `policy ${sanitize(policy.name, MAX_TEXT)} sha256:${policy.digest.sha256.slice(0, 16)}, repository ${sanitize(source.repository ?? 'none', MAX_TEXT)}`,
    ...(evidence.pack === undefined ? [] : [`evidence pack sha256:${evidence.pack.digest.sha256}`]),
    `approve as ${sanitize(approver.role, MAX_TEXT)}, sequence ${sequence}, until ${expiresAt}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What nobody looked at again, or why there is nothing of the kind although there are approvals. */
function renderCarried(
  { carried, packageSet }: PreparedApproval['statement']['predicate'],
  unasked?: string,
): string[] {
  if (unasked !== undefined) return [`Nothing is carried forward: ${unasked}.`];
  if (carried === null) return [];
  const { from, packages } = carried;
  const looked = packageSet.packages.length - packages;
  return [`${packages} carried forward from sequence ${from.sequence}, ${looked} looked at (--full looks at all)`];
}

/** Where the lockfile has no hash, the approver's own signature is the pin. */
function renderSigned({ signedDigests = 0 }: PreparedApproval['statement']['predicate']): string[] {
  if (signedDigests === 0) return [];
  return [
    `${signedDigests} bound by no hash of the lockfile: your approval binds them to the sha512 that the registry signs`,
  ];
}

function countChanges(changes: readonly TrustChange[]): string {
  if (changes.length === 0) return 'no change';
  const kinds = Map.groupBy(changes, ({ kind }) => kind);
  return [...kinds].map(([kind, each]) => `${each.length} ${LABELS[kind]}`).join(', ');
}

const LABELS: Readonly<Record<TrustChange['kind'], string>> = {
  added: 'added',
  removed: 'removed',
  digest: 'with other bytes under the same version',
  grade: 'with another grade',
  identity: 'built by somebody else',
  scripts: 'with other install scripts',
};

function renderChange(change: TrustChange): string {
  const purl = sanitize(change.purl, MAX_TEXT);
  switch (change.kind) {
    case 'added':
      return `  + ${purl}  ${describe(change.now)}`;
    case 'removed':
      return `  - ${purl}`;
    case 'digest':
    case 'grade':
    case 'identity':
    case 'scripts':
      return `  ! ${purl}  ${change.kind}: ${value(change.before, change.kind)} -> ${value(change.now, change.kind)}`;
  }
}

function describe({ grade, identity, scripts }: ApprovedPackage): string {
  const by =
    identity?.repository === undefined || identity.repository === null
      ? ''
      : `, by ${sanitize(identity.repository, MAX_TEXT)}`;
  const runs = scripts === undefined || scripts.length === 0 ? '' : `, runs ${sanitize(scripts.join(', '), MAX_TEXT)}`;
  return `${grade}${by}${runs}`;
}

function value(each: ApprovedPackage, key: 'digest' | 'grade' | 'identity' | 'scripts'): string {
  return sanitize(key === 'grade' ? each.grade : JSON.stringify(changedValue(each, key)), MAX_TEXT);
}
