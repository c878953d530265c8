import type { Evidence, FindingCode, EntryOutline } from '@lockseal/core';

/** Nothing in the lockfile binds the bytes; Yarn's own gap is told and no error, so that nothing need be accepted. */
const UNBOUND: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'integrity-missing',
  'checksum-missing',
  'checksum-missing-elsewhere',
  'checksum-unverifiable',
  'checksum-unreproducible',
]);

/** What the finding is about. */
export interface Unbound {
  readonly entry: EntryOutline | undefined;
  /** `name@version`, where it can be typed. */
  readonly spec: string | undefined;
  readonly signedDigest: Evidence['signedDigest'];
}

/**
 * What can be had where the lockfile binds nothing: the sha512 that the registry signs, to which an approval binds the
 * package, and what has to stand in the policy for that.
 * @param usual the fix that leads to a pin
 */
export function fixUnbound(code: FindingCode, usual: string, { entry, spec, signedDigest }: Unbound): string {
  if (!UNBOUND.has(code) || signedDigest === undefined) return usual;
  // Of a zip without compression nothing is missing here: the tarball is one that Yarn alone can pack.
  const isOdd = entry?.pin.kind === 'yarn-checksum' && entry.pin.cacheKey === '10c0';
  const isYarns = code === 'checksum-missing-elsewhere' || (code === 'checksum-unreproducible' && isOdd);
  const first = isYarns ? 'Yarn has no setting that mends it.' : usual;
  if (signedDigest.status !== 'verified') {
    const reason = `No signature of the registry tells its sha512 either (${signedDigest.reason})`;
    return `${first} ${reason}, so that the gate refuses it: verify where a registry serves its signatures (\`--registry\`).`;
  }
  const bound = `An approval binds it to the sha512 that the registry signs, and \`lockseal install\` holds its bytes to that`;
  if (code === 'checksum-missing-elsewhere') return `${first} ${bound}.`;
  return `${first} ${bound}, if the policy has under \`overrides\`: ${exception(code, spec)}.`;
}

/** As it stands in a policy file. */
function exception(code: FindingCode, spec: string | undefined): string {
  const packages = spec === undefined ? '[…]' : `['${spec}']`;
  return `\`- {packages: ${packages}, rules: {integrity: {levels: {${code}: warn}}}}\``;
}
