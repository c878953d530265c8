import type { Evidence, FindingCode, LockedPackage } from '@lockseal/core';

/** What the finding is about. */
export interface Unbound {
  readonly entry: Pick<LockedPackage, 'pin'> | undefined;
  /** `name@version`, where it can be typed. */
  readonly spec: string | undefined;
  readonly signedDigest: Evidence['signedDigest'];
}

/**
 * What can be had where no mending of the lockfile binds the bytes: the sha512 that the registry signs, to which an
 * approval binds the package, and what has to stand in the policy for that. Of a pin that can be mended nothing is said.
 * @param usual the fix of the code
 */
export function fixUnbound(code: FindingCode, usual: string, { entry, spec, signedDigest }: Unbound): string {
  const isElsewhere = code === 'checksum-missing-elsewhere';
  if (signedDigest === undefined || !(isElsewhere || code === 'checksum-unreproducible')) return usual;
  // Of a zip without compression nothing is missing here: the tarball is one that Yarn alone can pack.
  const isOdd = entry?.pin.kind === 'yarn-checksum' && entry.pin.cacheKey === '10c0';
  const first = isElsewhere || isOdd ? 'Yarn has no setting that mends it.' : usual;
  if (signedDigest.status !== 'verified') {
    const reason = `No signature of the registry tells its sha512 either (${signedDigest.reason})`;
    return `${first} ${reason}, so that the gate refuses it: verify where a registry serves its signatures (\`--registry\`).`;
  }
  const bound = `An approval binds it to the sha512 that the registry signs, and \`lockseal install\` holds its bytes to that`;
  if (isElsewhere) return `${first} ${bound}.`;
  return `${first} ${bound}, if the policy has under \`overrides\`: ${exception(code, spec)}.`;
}

/** As it stands in a policy file. */
function exception(code: FindingCode, spec: string | undefined): string {
  const packages = spec === undefined ? '[…]' : `['${spec}']`;
  return `\`- {packages: ${packages}, rules: {integrity: {levels: {${code}: warn}}}}\``;
}
