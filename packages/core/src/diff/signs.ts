/** How much a sign asks for a person: `grave` before all else, `minor` for completeness. */
export type TrustWeight = 'grave' | 'notable' | 'minor';

/**
 * What may have changed in trust, the gravest first: changes are shown in the order of their gravest sign. The list is
 * closed; docs/diff.md explains each, and a test holds the two together.
 */
export const TRUST_SIGNS = {
  contradicted: { weight: 'grave', title: 'some evidence is invalid, or disagrees with the lockfile' },
  'bytes-swapped': { weight: 'grave', title: 'the same version with other bytes' },
  'pin-lost': { weight: 'grave', title: 'nothing pins its bytes any more' },
  'pin-changed': { weight: 'grave', title: 'other hashes pin its bytes, which cannot be compared with those before' },
  'dependency-redirected': { weight: 'grave', title: 'a dependency leads to a package of another name' },
  'source-changed': { weight: 'grave', title: 'it comes from another place' },
  'patch-changed': { weight: 'grave', title: 'another patch is applied to it' },
  'grade-fell': { weight: 'grave', title: 'its evidence is weaker than before' },
  'builder-changed': { weight: 'grave', title: 'another repository or issuer built it' },
  'script-added': { weight: 'grave', title: 'it runs code when it is installed, and did not before' },
  'workflow-changed': { weight: 'notable', title: 'another workflow, trigger or kind of runner built it' },
  'script-changed': { weight: 'notable', title: 'it runs other code when it is installed' },
  'program-added': { weight: 'notable', title: 'it holds a new or different program for a machine' },
  'reaches-further': {
    weight: 'notable',
    title: 'its code uses modules for network, processes or files that it did not use before',
  },
  'executable-added': { weight: 'notable', title: 'a file can be run that could not be, or was not there' },
  'file-out-of-place': { weight: 'notable', title: 'a new file does not fit what the package was made of' },
  'code-obscured': { weight: 'notable', title: 'new code is written so that nobody can read it' },
  'version-fell': { weight: 'notable', title: 'the version went down' },
  'publisher-changed': { weight: 'notable', title: 'an account published it that published no earlier version' },
  unproven: { weight: 'notable', title: 'it is new, and nothing vouches for where it comes from' },
  'package-young': { weight: 'notable', title: 'the package itself was first published less than 30 days before' },
  'release-young': { weight: 'notable', title: 'it was published less than 3 days before' },
  deprecated: { weight: 'notable', title: 'its publisher advises against it' },
  'size-jumped': { weight: 'minor', title: 'it is more than three times as large' },
  'package-added': { weight: 'minor', title: 'a package that was not locked before' },
  'version-added': { weight: 'minor', title: 'another version beside those that were locked' },
  'grade-rose': { weight: 'minor', title: 'its evidence is stronger than before' },
} as const satisfies Readonly<Record<string, { readonly weight: TrustWeight; readonly title: string }>>;

export type TrustSignName = keyof typeof TRUST_SIGNS;

/** One thing that changed in trust. Texts are untrusted. */
export interface TrustSign {
  readonly sign: TrustSignName;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

const RANKS: ReadonlyMap<string, number> = new Map(Object.keys(TRUST_SIGNS).map((sign, index) => [sign, index]));

/** 0: the gravest. */
export function rankOf(sign: TrustSignName): number {
  return RANKS.get(sign) ?? RANKS.size;
}

export function bySeverity(a: TrustSign, b: TrustSign): number {
  return rankOf(a.sign) - rankOf(b.sign);
}
