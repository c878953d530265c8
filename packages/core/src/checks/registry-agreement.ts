import { sha512FromIntegrity, parseIntegrity } from '../integrity.ts';
import type { CheckResult, Observation } from '../model/evidence.ts';
import type { VersionDocument } from '../model/manifest.ts';
import type { Fetched, RegistryMap } from '../ports.ts';
import { toSpec } from '../package-id.ts';
import type { PublishedEntry } from '../model/lockfile.ts';
import type { BoundBytes } from './bind-bytes.ts';
import { canonicalTarballUrl, checkTarballUrl } from './tarball-url.ts';

export interface RegistryAgreement {
  readonly result: CheckResult<{ readonly url: string }>;
  readonly observations: readonly Observation[];
}

/**
 * Check 2: the registry's digest for name@version is the locked one, and the locked URL is the tarball of this very
 * name and version. The registry's word is unsigned; it can only contradict the lockfile, never vouch for it.
 */
export function checkRegistryAgreement(
  entry: PublishedEntry,
  document: Fetched<VersionDocument>,
  bytes: BoundBytes,
  registries: RegistryMap,
): RegistryAgreement {
  const location = checkLocation(entry, document, registries);
  const digest = checkDigest(entry, document, bytes);
  const observations = [...location.observations];
  if (digest.status === 'invalid') {
    observations.push({ code: digest.code, entry: entry.id, position: entry.position, ...digest.compared });
  }
  const result =
    digest.status === 'invalid' ? { status: digest.status, code: digest.code, reason: digest.reason } : digest;
  return { result: location.invalid ?? result, observations };
}

function checkLocation(
  entry: PublishedEntry,
  document: Fetched<VersionDocument>,
  registries: RegistryMap,
): { readonly invalid: CheckResult<{ url: string }> | undefined; readonly observations: readonly Observation[] } {
  const isArchiveUrl = entry.pin.kind === 'yarn-checksum' || entry.id.includes('::__archiveUrl=');
  const verdict = checkTarballUrl(
    {
      name: entry.name,
      version: entry.version,
      namedRegistry: entry.source.namedRegistry,
      url: entry.source.url,
      isArchiveUrl,
      registryUrl: document.status === 'ok' ? document.value.dist.tarball : undefined,
    },
    registries,
  );
  if (verdict.status !== 'disagrees') return { invalid: undefined, observations: [] };
  const observations = verdict.codes.map((code): Observation => ({
    code,
    entry: entry.id,
    position: entry.position,
    expected: verdict.expected,
    found: entry.source.url,
  }));
  const [code] = verdict.codes.filter((candidate) => candidate !== 'insecure-url');
  const invalid =
    code === undefined
      ? undefined
      : ({ status: 'invalid', code, reason: 'the locked URL is not this tarball' } as const);
  return { invalid, observations };
}

type Compared = {
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly detail?: string | undefined;
};
type DigestCheck =
  | Exclude<CheckResult<{ readonly url: string }>, { status: 'invalid' }>
  | (Extract<CheckResult, { status: 'invalid' }> & { readonly compared: Compared });

function checkDigest(entry: PublishedEntry, document: Fetched<VersionDocument>, bytes: BoundBytes): DigestCheck {
  const spec = toSpec(entry.name, entry.version);
  if (document.status === 'unavailable') return document;
  if (document.status === 'absent') {
    const reason = `the registry knows no ${spec}`;
    return { status: 'invalid', code: 'version-vanished', reason, compared: { found: document.reason } };
  }
  const { dist } = document.value;
  if (bytes.status === 'mismatch') {
    const reason = 'the bytes served are not the ones that are locked';
    return {
      status: 'invalid',
      code: 'tarball-mismatch',
      reason,
      compared: { expected: bytes.expected, found: bytes.found },
    };
  }
  const published = dist.integrity === undefined ? undefined : sha512FromIntegrity(dist.integrity);
  if (published !== undefined && bytes.status === 'bound' && published !== bytes.sha512) {
    const reason = `the registry's sha512 for ${spec} is another`;
    return { status: 'invalid', code: 'integrity-mismatch', reason, compared: integrities(published, bytes.sha512) };
  }
  if (published !== undefined && bytes.status === 'unbound' && bytes.tarball && published !== bytes.tarball.sha512) {
    const reason = `the bytes served for ${spec} are not the ones that the registry publishes`;
    const compared = integrities(published, bytes.tarball.sha512);
    return { status: 'invalid', code: 'tarball-mismatch', reason, compared };
  }
  const weak = weakDisagreement(entry, dist.shasum, bytes);
  if (weak !== undefined) {
    return {
      status: 'invalid',
      code: 'integrity-mismatch',
      reason: `the registry's sha1 for ${spec} is another`,
      compared: weak,
    };
  }
  if (bytes.status === 'unbound') return { status: 'not-applicable', reason: bytes.reason };
  if (published === undefined && !(dist.shasum !== undefined && bytes.tarball?.sha1 === dist.shasum)) {
    return {
      status: 'unavailable',
      error: 'ERR_RESPONSE_INVALID',
      reason: `the registry publishes no sha512 for ${spec}`,
    };
  }
  return { status: 'verified', url: dist.tarball ?? derivedUrl(entry) };
}

/** A sha1 pin, or a sha1-only registry, can still contradict. */
function weakDisagreement(entry: PublishedEntry, shasum: string | undefined, bytes: BoundBytes): Compared | undefined {
  if (shasum === undefined) return undefined;
  const parsed =
    entry.pin.kind === 'integrity' && entry.pin.of === 'tarball' ? parseIntegrity(entry.pin.text) : undefined;
  const lockedSha1 = parsed?.kind === 'weak' && parsed.algorithm === 'sha1' ? parsed.hex : undefined;
  const found = lockedSha1 ?? bytes.tarball?.sha1;
  return found === undefined || found === shasum ? undefined : { expected: `sha1 ${shasum}`, found: `sha1 ${found}` };
}

function integrities(expected: string, found: string): Compared {
  const toSri = (hex: string): string => `sha512-${Buffer.from(hex, 'hex').toString('base64')}`;
  return { expected: toSri(expected), found: toSri(found) };
}

function derivedUrl(entry: PublishedEntry): string {
  return entry.source.url ?? canonicalTarballUrl('', entry.name, entry.version);
}
