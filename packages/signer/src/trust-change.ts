import type { ApprovedPackage } from './statement/types.ts';

/** What differs in trust between two approved package sets. */
export type TrustChange =
  | { readonly kind: 'added'; readonly purl: string; readonly now: ApprovedPackage }
  | { readonly kind: 'removed'; readonly purl: string; readonly before: ApprovedPackage }
  /** The same version with other bytes: never harmless. */
  | { readonly kind: 'digest'; readonly purl: string; readonly before: ApprovedPackage; readonly now: ApprovedPackage }
  | { readonly kind: 'grade'; readonly purl: string; readonly before: ApprovedPackage; readonly now: ApprovedPackage }
  | {
      readonly kind: 'identity';
      readonly purl: string;
      readonly before: ApprovedPackage;
      readonly now: ApprovedPackage;
    }
  | {
      readonly kind: 'scripts';
      readonly purl: string;
      readonly before: ApprovedPackage;
      readonly now: ApprovedPackage;
    };

/** Sorted by purl. A package that changed in several ways is listed once for each. */
export function trustChanges(
  before: readonly ApprovedPackage[],
  now: readonly ApprovedPackage[],
): readonly TrustChange[] {
  const old = new Map(before.map((each) => [each.purl, each]));
  const fresh = new Map(now.map((each) => [each.purl, each]));
  const removed = before
    .filter(({ purl }) => !fresh.has(purl))
    .map((each): TrustChange => ({ kind: 'removed', purl: each.purl, before: each }));
  const rest = now.flatMap((each): TrustChange[] => {
    const previous = old.get(each.purl);
    if (previous === undefined) return [{ kind: 'added', purl: each.purl, now: each }];
    return changesOf(previous, each);
  });
  return [...removed, ...rest].toSorted((a, b) => (a.purl < b.purl ? -1 : a.purl > b.purl ? 1 : 0));
}

function changesOf(before: ApprovedPackage, now: ApprovedPackage): TrustChange[] {
  const { purl } = now;
  const differs = (key: 'digest' | 'grade' | 'identity' | 'scripts'): boolean =>
    JSON.stringify(changedValue(before, key)) !== JSON.stringify(changedValue(now, key));
  const kinds = (['digest', 'grade', 'identity', 'scripts'] as const).filter(differs);
  // Scripts are known only where the tarball was read, which is no change of the package.
  const known = kinds.filter(
    (kind) => kind !== 'scripts' || (before.scripts !== undefined && now.scripts !== undefined),
  );
  return known.map((kind) => ({ kind, purl, before, now }));
}

/** What changes of this kind are about. What the registry signs takes the place of a digest that the lockfile lacks. */
export function changedValue(each: ApprovedPackage, kind: 'digest' | 'grade' | 'identity' | 'scripts'): unknown {
  return (kind === 'digest' ? (each.digest ?? each.signedDigest) : each[kind]) ?? null;
}
