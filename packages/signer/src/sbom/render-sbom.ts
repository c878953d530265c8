import type * as CycloneDx from '@cyclonedx/cyclonedx-library';
import type { PackageDigest } from '@lockseal/core';
import type { ApprovalStatement, StatedPackage } from '../statement/types.ts';

export const SBOM_MEDIA_TYPE = 'application/vnd.cyclonedx+json';

/**
 * The approved packages as a CycloneDX 1.6 document in JSON. Without serial number and with the time of the approval,
 * so that one approval has one document and a digest can name it.
 * https://cyclonedx.org/docs/1.6/json/
 */
export async function renderSbom(approval: ApprovalStatement): Promise<string> {
  // Loaded here, because only a release needs it.
  const { Enums, Models, Serialize, Spec } = await import('@cyclonedx/cyclonedx-library');
  const { packageSet, approvedAt, source, lockfile } = approval.predicate;
  const bom = new Models.Bom();
  bom.metadata.timestamp = new Date(approvedAt);
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, source.repository ?? lockfile.path, {
    bomRef: 'lockfile',
    hashes: new Models.HashDictionary(digestsOf(approval, Enums.HashAlgorithm)),
  });
  for (const each of packageSet.packages) {
    const { group, name, version } = nameOf(each);
    bom.components.add(
      new Models.Component(Enums.ComponentType.Library, name, {
        bomRef: bomRefOf(each),
        ...(group === undefined ? {} : { group }),
        ...(version === undefined ? {} : { version }),
        purl: each.purl,
        hashes: new Models.HashDictionary(hashOf(each.digest ?? signedOf(each), Enums.HashAlgorithm)),
        properties: new Models.PropertyRepository([
          new Models.Property('lockseal:grade', each.grade),
          ...(each.signedDigest === undefined
            ? []
            : [new Models.Property('lockseal:digest-source', each.signedDigest.source)]),
        ]),
      }),
    );
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

type HashAlgorithms = (typeof CycloneDx)['Enums']['HashAlgorithm'];
type Hashes = [HashAlgorithms[keyof HashAlgorithms], string][];

function digestsOf({ subject: [lockfile] }: ApprovalStatement, algorithms: HashAlgorithms): Hashes {
  const { sha256, sha512 } = lockfile?.digest ?? {};
  return [
    [algorithms['SHA-256'], sha256 ?? ''],
    [algorithms['SHA-512'], sha512 ?? ''],
  ];
}

function hashOf(digest: PackageDigest | null, algorithms: HashAlgorithms): Hashes {
  if (digest === null || 'gitCommit' in digest) return [];
  return 'sha512' in digest ? [[algorithms['SHA-512'], digest.sha512]] : [[algorithms['SHA-256'], digest.sha256]];
}

/** Where the lockfile binds nothing; a property says so. */
function signedOf({ signedDigest }: StatedPackage): PackageDigest | null {
  return signedDigest === undefined ? null : { sha512: signedDigest.sha512 };
}

/** Unique also where one purl stands for several artifacts. */
function bomRefOf({ purl, digest }: StatedPackage): string {
  return digest === null ? purl : `${purl}#${Object.values(digest)[0]?.slice(0, 16)}`;
}

function nameOf({ purl }: StatedPackage): { group: string | undefined; name: string; version: string | undefined } {
  const [path = ''] = purl.replace(/^pkg:[^/]+\//, '').split('?');
  const at = path.lastIndexOf('@');
  const versioned = at > path.lastIndexOf('/');
  const full = decodeURIComponent(versioned ? path.slice(0, at) : path);
  const slash = full.lastIndexOf('/');
  return {
    group: slash === -1 ? undefined : full.slice(0, slash),
    name: full.slice(slash + 1),
    version: versioned ? decodeURIComponent(path.slice(at + 1)) : undefined,
  };
}
