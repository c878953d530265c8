import {
  LocksealError,
  packageSetFacts,
  packageSetRow,
  type ApprovalPolicy,
  type LockedPackage,
  type PackageSetEntry,
  type Project,
  type RegistryMap,
} from '@lockseal/core';
import { readApprovedPackages, type ApprovedPackage, type CountedApproval, type StoredBundle } from '@lockseal/signer';
import type { Vouched, Voucher } from './artifacts.ts';

type Row = Pick<ApprovedPackage, 'purl' | 'digest' | 'source' | 'signedDigest'>;

/**
 * Vouches for what the approvals that count have signed: the digests that the lockfile binds and, where it binds none,
 * those that the registry signed when it was approved.
 * @throws LocksealError ERR_STATEMENT where approvers signed packages that are not the set, or different ones
 */
export function approvedVoucher(
  approvals: readonly CountedApproval[],
  stored: readonly StoredBundle[],
  context: VoucherContext,
): Voucher {
  const approved = new ApprovedRows(signedRows(approvals, stored));
  const facts = packageSetFacts(context.registries, context.project);
  const rowsOf = (entry: LockedPackage): readonly Row[] => approved.find(packageSetRow(entry, facts));
  // Approved as a set, the lockfile may pin today what it did not pin then.
  const isOpen = ({ pin }: LockedPackage): boolean => pin.kind === 'none' || context.subject === 'bytes';
  return {
    sha512Of: (entry) => {
      const rows = rowsOf(entry);
      if (!isOpen(entry) && rows.some(({ signedDigest }) => signedDigest !== undefined)) return OTHERWISE_PINNED;
      const vouched = pinIn(rows, ({ digest, signedDigest }) => {
        if (digest === null) return signedDigest?.sha512;
        return 'sha512' in digest ? digest.sha512 : undefined;
      });
      const isOnlySigned = vouched.status === 'vouched' && rows.every(({ digest }) => digest === null);
      return isOnlySigned ? { ...vouched, isOnlySigned } : vouched;
    },
    commitOf: (entry) =>
      pinIn(rowsOf(entry), ({ digest }) => (digest !== null && 'gitCommit' in digest ? digest.gitCommit : undefined)),
  };
}

/** All who approve this state have signed the same packages. */
function signedRows(approvals: readonly CountedApproval[], stored: readonly StoredBundle[]): readonly Row[] {
  const lists = approvals.flatMap(({ line }) => {
    const bundle = stored.find((each) => each.line === line);
    return bundle === undefined ? [] : [readApprovedPackages(bundle.payload)];
  });
  const rows = lists.map((list) =>
    list.map(({ purl, digest, source, signedDigest }): Row => ({
      purl,
      digest,
      source,
      ...(signedDigest === undefined ? {} : { signedDigest }),
    })),
  );
  const [first, ...others] = rows;
  if (first === undefined || others.some((other) => JSON.stringify(other) !== JSON.stringify(first))) {
    throw new LocksealError('ERR_STATEMENT', 'The approvals of this lockfile do not vouch for the same packages.', {
      hint: 'Approve the lockfile once more, all of you.',
    });
  }
  return first;
}

interface VoucherContext {
  readonly registries: RegistryMap;
  readonly project: Project | undefined;
  /** By what the approvals count: that the lockfile is this very one, or that it has the same package set. */
  readonly subject: ApprovalPolicy['subject'];
}

/** The artifacts of an approval, by their purls. */
class ApprovedRows {
  readonly #exact: ReadonlyMap<string, readonly Row[]>;
  readonly #bare: ReadonlyMap<string, readonly Row[]>;

  constructor(rows: readonly Row[]) {
    this.#exact = Map.groupBy(rows, ({ purl, source }) => JSON.stringify([purl, source]));
    const published = rows.filter(({ source }) => source === 'registry');
    this.#bare = Map.groupBy(published, ({ purl }) => bareOf(purl));
  }

  /**
   * Whoever approves need not use the mirror that a build uses, so a published version is found under another registry,
   * too: the bytes are held against the approved digest wherever they come from.
   */
  find(row: PackageSetEntry | undefined): readonly Row[] {
    if (row === undefined) return [];
    const exact = this.#exact.get(JSON.stringify([row.purl, row.source]));
    return exact ?? (row.source === 'registry' ? this.#bare.get(bareOf(row.purl)) : undefined) ?? [];
  }
}

function bareOf(purl: string): string {
  return purl.split('?')[0] ?? purl;
}

const UNBOUND =
  'it was approved without a digest: neither the lockfile nor a signature of the registry bound its bytes (lock it with a hash, or approve it where the registry serves its signatures: `lockseal approve --registry=<url>`)';
const OTHERWISE_PINNED: Vouched<never> = {
  status: 'none',
  reason: 'it was approved by what the registry signed, and the lockfile may pin something else now',
};

function pinIn(rows: readonly Row[], pick: (row: Row) => string | undefined): Vouched<string> {
  if (rows.length === 0) return { status: 'none', reason: 'it is not among the approved packages' };
  const [pin, ...others] = new Set(rows.map(pick));
  if (others.length > 0) return { status: 'none', reason: 'it was approved with several digests' };
  if (pin === undefined) return { status: 'none', reason: UNBOUND };
  return { status: 'vouched', pin };
}
