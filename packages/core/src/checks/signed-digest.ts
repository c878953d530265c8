import { sha512FromIntegrity } from '../integrity.ts';
import type { CheckResult, SignedDigest } from '../model/evidence.ts';
import type { PublishedEntry } from '../model/lockfile.ts';
import type { VersionDocument } from '../model/manifest.ts';
import type { Clock, Fetched, RegistryKey } from '../ports.ts';
import { checkRegistrySignature, type KeyDecoder } from '../registry-signature.ts';
import type { BoundBytes } from './bind-bytes.ts';

/** What the registry answered, and what the lockfile's pin came to. */
export interface SignedDigestInput {
  readonly bytes: BoundBytes;
  readonly document: Fetched<VersionDocument>;
  readonly keys: Fetched<readonly RegistryKey[]>;
}

/**
 * The sha512 that the registry signs for a version whose bytes the lockfile pins with nothing, or with a checksum that
 * cannot be rebuilt. It says which bytes the registry vouches for and not that the lockfile means them, so it raises no
 * grade and hides no finding: an approval can be bound to it, and bytes be held against it, where nothing else can.
 *
 * Here the signature chooses the digest, where elsewhere it confirms a locked one, so more is asked of the key: it is in
 * force now (a time of publishing that nobody signs could say anything), and it comes from elsewhere than the registry,
 * which would else vouch for itself.
 * @returns undefined where the lockfile binds the bytes, or has a pin that speaks against them or was not looked at
 */
export function checkSignedDigest(
  entry: PublishedEntry,
  { bytes, document, keys }: SignedDigestInput,
  { clock, decodeKey }: { readonly clock: Clock; readonly decodeKey?: KeyDecoder | undefined },
): CheckResult<SignedDigest> | undefined {
  if (!isOpen(entry, bytes)) return undefined;
  if (document.status !== 'ok') return document;
  if (keys.status !== 'ok') return keys;
  const { dist, publishedAt } = document.value;
  const sha512 = dist.integrity === undefined ? undefined : sha512FromIntegrity(dist.integrity);
  if (sha512 === undefined) return { status: 'absent', reason: 'the registry publishes no sha512 for it' };
  const { name, version } = entry;
  const { signatures } = dist;
  const signed = { name, version, sha512, signatures, trustedTime: undefined, publishedAt, decodeKey };
  const checked = checkRegistrySignature({ ...signed, keys: keys.value });
  if (checked.status !== 'verified') return checked;
  const strong = checkRegistrySignature({ ...signed, keys: keys.value.filter((key) => mayChoose(key, clock.now())) });
  if (strong.status !== 'verified') return { status: 'absent', reason: WEAK_KEY };
  if (bytes.tarball !== undefined && bytes.tarball.sha512 !== sha512)
    return { status: 'absent', reason: 'the bytes that the registry serves are not the ones that it signs' };
  return { status: 'verified', sha512, keyid: strong.keyid, keyOrigin: strong.keyOrigin };
}

const WEAK_KEY =
  'the key that signs it has expired, or nobody but the registry itself gives it (`--registry-keys` can)';

/** A checksum that was rebuilt and disagrees is no gap to be filled, and one that nobody tried to rebuild may be none. */
function isOpen({ pin }: PublishedEntry, bytes: BoundBytes): boolean {
  if (bytes.status !== 'unbound') return false;
  return pin.kind === 'none' || (pin.kind === 'yarn-checksum' && bytes.tarball !== undefined);
}

function mayChoose({ origin, validUntil }: RegistryKey, now: number): boolean {
  return origin !== 'registry' && (validUntil === undefined || now <= Date.parse(validUntil));
}
