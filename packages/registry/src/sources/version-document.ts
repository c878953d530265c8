import { parseManifest, type PackageVersion, type RegistrySignature, type VersionDocument } from '@lockseal/core';
import { arrayOf, invalid, objectOf, optionalText, parseJson, textOf, type Members } from './json.ts';

/** More signatures than that no registry gives one version. */
const MAX_SIGNATURES = 100;

/**
 * A registry's document of one version. Members that nothing looks at are ignored; a wrong type of one that is looked
 * at, or another name or version than asked for, is an error.
 * @throws LocksealError ERR_RESPONSE_INVALID
 */
export function parseVersionDocument(bytes: Uint8Array, asked: PackageVersion): VersionDocument {
  const what = `the document of ${asked.name}@${asked.version}`;
  const json = parseJson(bytes, what);
  const members = objectOf(json, what);
  const manifest = parseManifest(json, what, 'ERR_RESPONSE_INVALID');
  if (manifest.name !== asked.name || manifest.version !== asked.version) {
    throw invalid(what, `says that it is ${String(manifest.name)}@${String(manifest.version)}`);
  }
  const dist = objectOf(members.get('dist'), `dist in ${what}`);
  return {
    manifest,
    dist: {
      tarball: optionalText(dist.get('tarball'), `dist.tarball in ${what}`),
      integrity: optionalText(dist.get('integrity'), `dist.integrity in ${what}`),
      shasum: optionalText(dist.get('shasum'), `dist.shasum in ${what}`),
      signatures: readSignatures(dist, what),
      announcesAttestations: dist.get('attestations') !== undefined,
    },
    hasInstallScript: optionalBoolean(members.get('hasInstallScript'), `hasInstallScript in ${what}`),
    publishedAt: undefined,
    publisher: readPublisher(members.get('_npmUser'), what),
  };
}

function readSignatures(dist: Members, what: string): readonly RegistrySignature[] {
  const listed = dist.get('signatures');
  if (listed === undefined) return [];
  const signatures = arrayOf(listed, `dist.signatures in ${what}`);
  if (signatures.length > MAX_SIGNATURES)
    throw invalid(`dist.signatures in ${what}`, `has over ${MAX_SIGNATURES} items`);
  return signatures.map((item, index) => {
    const signature = objectOf(item, `dist.signatures[${index}] in ${what}`);
    return {
      keyid: textOf(signature.get('keyid'), `dist.signatures[${index}].keyid in ${what}`),
      sig: textOf(signature.get('sig'), `dist.signatures[${index}].sig in ${what}`),
    };
  });
}

function optionalBoolean(value: unknown, what: string): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(what, 'is neither true nor false');
  return value;
}

/** Informative and unsigned, and of many shapes in old documents: whatever is not a name is none. */
function readPublisher(value: unknown, what: string): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const name = objectOf(value, `_npmUser in ${what}`).get('name');
  return typeof name === 'string' ? name : undefined;
}
