import { sanitize } from '@lockseal/report/sanitize';
import { FINDING_CODES } from '@lockseal/core/approval';
import type { ApprovalFailure, CountedApproval, EnforceVerdict, LockfileDigests } from '@lockseal/signer/enforce';

/** A verdict and what it is about. */
export interface ShownVerdict {
  /** As the person would write it. */
  readonly file: string;
  readonly lockfile: LockfileDigests;
  readonly verdict: EnforceVerdict;
}

const SCHEMA = 'https://lockseal.dev/schema/enforce/v1';
const MAX_TEXT = 300;

/** The verdict for people: by whom it was approved, or each condition that does not hold with the way to mend it. */
export function renderVerdict({ file, verdict }: ShownVerdict): string {
  const name = sanitize(file, MAX_TEXT);
  const lines = verdict.approved
    ? [
        `approved  ${name}`,
        ...verdict.approvals.map(renderApproval),
        ...renderUncompared(verdict.approvals),
        ...verdict.remarks.flatMap((remark) => renderFailure(remark, 'not counted')),
      ]
    : [`not approved  ${name}`, ...verdict.failures.flatMap((failure) => renderFailure(failure, 'error'))];
  return `${lines.join('\n')}\n`;
}

export function renderVerdictJson({ lockfile, verdict }: ShownVerdict): string {
  return `${JSON.stringify({ schema: SCHEMA, lockfile, ...verdict }, null, 2)}\n`;
}

/** The lockfile alone tells nothing of these bytes: whoever installs from it otherwise takes what comes. */
function renderUncompared(approvals: readonly CountedApproval[]): string[] {
  const number = Math.max(...approvals.map(({ signedDigests = 0 }) => signedDigests));
  if (number === 0) return [];
  const what = number === 1 ? '1 package is' : `${number} packages are`;
  return [
    `  ${what} bound by no hash of the lockfile, but to what the registry signed: \`lockseal install\` holds bytes to it`,
  ];
}

function renderApproval({
  approver,
  role,
  sequence,
  trustedTime,
  approvedAt,
  expiresAt,
  line,
}: CountedApproval): string {
  const time = trustedTime === undefined ? `${approvedAt} as the signer says` : trustedTime;
  const who = `${sanitize(approver, MAX_TEXT)} for ${sanitize(role, MAX_TEXT)}`;
  return `  ${who}, sequence ${sequence}, signed ${time}, until ${expiresAt} (line ${line})`;
}

function renderFailure({ code, line, expected, found, fix }: ApprovalFailure, label: string): string[] {
  const place = line === undefined ? '' : ` (line ${line})`;
  const rows = [
    ['expected', expected],
    ['found', found],
    ['do', fix],
  ] as const;
  return [
    `  ${label}  ${code}${place}: ${FINDING_CODES[code].title}`,
    ...rows.flatMap(([name, text]) =>
      text === undefined ? [] : [`    ${name.padEnd(8)}  ${sanitize(text, MAX_TEXT)}`],
    ),
  ];
}
