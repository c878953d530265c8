import { Verifier, type TrustMaterial } from '@sigstore/verify';
import { createKeyFinder, type BundleKey } from './bundle-keys.ts';
import { parseBundle } from './bundle-shape.ts';
import { toEntity } from './entity.ts';
import { BundleRefusal, toRefusal } from './refusal.ts';
import type { TrustedRootMaterial } from './trusted-root.ts';
import {
  readContent,
  readSigner,
  requireStricterRules,
  verifiedTimes,
  type BundleSigner,
  type InvalidBundle,
} from './verify-bundle.ts';

/** A signed statement of an approver. Unlike the evidence of a package, it may be by a key and name no trusted time. */
export interface VerifiedApprovalBundle {
  readonly status: 'verified';
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signer: BundleSigner;
  /** ISO 8601, ascending: every time that a log or timestamp authority vouches for. Empty only for a key. */
  readonly timestamps: readonly string[];
  /** Whether a transparency log shows it. Always so for a certificate. */
  readonly isLogged: boolean;
}

export interface ApprovalBundleVerifier {
  verify(bundle: unknown): VerifiedApprovalBundle | InvalidBundle;
}

const NOBODY: TrustedRootMaterial['authorities'] = {
  certificateAuthorities: [],
  timestampAuthorities: [],
  tlogs: [],
  ctlogs: [],
};

/**
 * Verifies bundles that hold a statement. A certificate needs all that `createBundleVerifier` asks for. Of a
 * signature by a key, all log entries and timestamps that there are must verify, and there may be none: whether that
 * is enough is the caller's policy, because somebody who strips them leaves a bundle that merely proves less.
 * @param trust called at most once, and only for a bundle that needs it: one with a certificate, log entry or timestamp
 * @throws LocksealError ERR_KEYS as `createBundleVerifier`; whatever `trust` throws
 */
export function createApprovalBundleVerifier(
  trust: () => TrustedRootMaterial,
  keys: readonly BundleKey[],
): ApprovalBundleVerifier {
  const publicKey = createKeyFinder(keys);
  let authorities: TrustedRootMaterial['authorities'] | undefined;
  return {
    verify(json) {
      if (needsTrust(json)) authorities ??= trust().authorities;
      try {
        return judge(json, { ...(authorities ?? NOBODY), publicKey });
      } catch (thrown) {
        const { fault, message } = toRefusal(thrown);
        return { status: 'invalid', fault, reason: message };
      }
    },
  };
}

/** Errs on the side of yes: only a bundle that has plainly nothing but a key and a signature does without. */
function needsTrust(json: unknown): boolean {
  const material = member(json, 'verificationMaterial');
  if (member(material, 'publicKey') === undefined) return true;
  return !isEmpty(member(material, 'tlogEntries')) || !isEmpty(rfc3161(material));
}

function rfc3161(material: unknown): unknown {
  return member(member(material, 'timestampVerificationData'), 'rfc3161Timestamps');
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name] ?? undefined;
}

function judge(json: unknown, material: TrustMaterial): VerifiedApprovalBundle {
  const bundle = parseBundle(json);
  const content = readContent(bundle, undefined);
  if (content.kind !== 'dsse') throw new BundleRefusal('artifact', 'it is no statement');
  const entity = toEntity(bundle, undefined);
  const { tlogEntries } = bundle.verificationMaterial;
  const mayBeBare = entity.key.$case === 'public-key';
  const verifier = new Verifier(material, {
    tlogThreshold: mayBeBare ? tlogEntries.length : 1,
    timestampThreshold: mayBeBare ? entity.timestamps.length : 1,
  });
  const signer = verifier.verify(entity);
  requireStricterRules(bundle, entity, signer, material);
  return {
    status: 'verified',
    payloadType: content.payloadType,
    payload: content.payload,
    signer: readSigner(entity),
    timestamps: verifiedTimes(entity).map((date) => date.toISOString()),
    isLogged: tlogEntries.length > 0,
  };
}
