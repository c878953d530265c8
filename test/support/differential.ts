// Holds lockseal's way of verifying a bundle against @sigstore/verify as it comes: same bundle, same trust, no object
// of ours. Whatever the library refuses must be refused; what it accepts may be refused by a rule that has a name.
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { isDeepStrictEqual } from 'node:util';
import {
  createBundleVerifier,
  parseTrustedRoot,
  type BundleKey,
  type BundleVerdict,
  type BundleVerifier,
  type VerifiedBundle,
} from '@lockseal/core';
import { toPublicKey } from './bundles.ts';

/** Faults by which lockseal may refuse what the library accepts. All others are the library's own verdicts. */
const STRICTER: readonly string[] = [
  // Shape: unknown members and media types, base64 and numbers that are not canonical, bounds.
  'malformed',
  'artifact',
  'certificate-usage',
  'timestamp-usage',
  'log-signer',
  'checkpoint',
  'identity',
];

/** Trust material, as both sides take it. */
export interface Judges {
  readonly ours: BundleVerifier;
  readonly stock: Verifier;
}

export interface Case {
  readonly name: string;
  readonly bundle: unknown;
  readonly judges: Judges;
  readonly artifact: Uint8Array | undefined;
}

/** How both sides agree; `differs` is the only way to fail. */
export type Agreement =
  | { readonly status: 'both-accept' | 'both-refuse' }
  | { readonly status: 'stricter'; readonly rule: string }
  | { readonly status: 'differs'; readonly how: string };

export function createJudges(trustedRoot: Uint8Array, keys: readonly BundleKey[]): Judges {
  const root = TrustedRoot.fromJSON(JSON.parse(Buffer.from(trustedRoot).toString('utf8')));
  const known = Object.fromEntries(keys.map((key) => [key.hint, toPublicKey(key)]));
  return {
    ours: createBundleVerifier(parseTrustedRoot(trustedRoot), keys),
    stock: new Verifier(toTrustMaterial(root, known)),
  };
}

type StockVerdict =
  | { readonly status: 'accepted'; readonly san: string | undefined; readonly issuer: string | undefined }
  | { readonly status: 'refused'; readonly why: string };

/** Asks the library, and lockseal twice: on this thread and with signatures checked on others. */
export async function compare({ bundle, judges, artifact }: Case): Promise<Agreement> {
  const stock = askStock(bundle, judges.stock, artifact);
  const concurrent = await judges.ours.verifyConcurrently(bundle, { artifact });
  const ours = judges.ours.verify(bundle, { artifact });
  if (!isDeepStrictEqual(ours, concurrent)) return { status: 'differs', how: `${tell(ours)}, yet ${tell(concurrent)}` };
  if (stock.status === 'refused') {
    return ours.status === 'invalid'
      ? { status: 'both-refuse' }
      : { status: 'differs', how: `accepted, which the library refuses: ${stock.why}` };
  }
  if (ours.status === 'verified') return compareSigner(ours, stock);
  return STRICTER.includes(ours.fault)
    ? { status: 'stricter', rule: ours.fault }
    : { status: 'differs', how: `refused, which the library accepts: ${ours.reason}` };
}

function askStock(bundle: unknown, verifier: Verifier, artifact: Uint8Array | undefined): StockVerdict {
  try {
    const entity = toSignedEntity(bundleFromJSON(bundle), artifact === undefined ? undefined : Buffer.from(artifact));
    const { identity } = verifier.verify(entity);
    return { status: 'accepted', san: identity?.subjectAlternativeName, issuer: identity?.extensions?.issuer };
  } catch (thrown) {
    return { status: 'refused', why: String(thrown) };
  }
}

function compareSigner({ signer }: VerifiedBundle, stock: StockVerdict & { status: 'accepted' }): Agreement {
  const isSame =
    signer.kind === 'key'
      ? stock.san === undefined
      : signer.identity.san === stock.san && signer.identity.issuer === stock.issuer;
  return isSame ? { status: 'both-accept' } : { status: 'differs', how: `the signers are not the same: ${stock.san}` };
}

function tell(verdict: BundleVerdict): string {
  return verdict.status === 'verified' ? 'accepted' : `refused as ${verdict.fault}: ${verdict.reason}`;
}
