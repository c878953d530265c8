import { createHash } from 'node:crypto';
import { loadTrust } from '@lockseal/registry';
import { directoriesOf } from '../evidence/directories.ts';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';

/** What everything rests on: the Sigstore root and the registry keys in force, and where they come from. */
export async function loadTrustReport(options: EvidenceOptions, console: Console): Promise<string> {
  const directories = directoriesOf(options, console);
  const { trustedRoot, registryKeys, warnings } = await loadTrust({ ...options, ...directories, now: console.now() });
  const digest = createHash('sha256').update(trustedRoot.bytes).digest('hex');
  const keys = [...registryKeys.file, ...registryKeys.npm];
  const lines = [
    `Sigstore root  ${trustedRoot.origin}, as of ${trustedRoot.asOf ?? 'an unknown time'}, sha256:${digest}`,
    ...keys.map(({ keyid, usages, origin, validUntil }) => {
      const until = validUntil === undefined ? '' : `, until ${validUntil}`;
      return `registry key   ${keyid} for ${usages.join(', ')} (${origin}${until})`;
    }),
    ...warnings.map((warning) => `warning        ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}
