import { createHash } from 'node:crypto';
import process from 'node:process';
import { defaultCacheDirectory, loadTrust } from '@lockseal/registry';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';

/** What everything rests on: the Sigstore root and the registry keys in force, and where they come from. */
export async function loadTrustReport(options: EvidenceOptions, console: Console): Promise<string> {
  const cacheDirectory = options.useCache
    ? (options.cacheDirectory ?? defaultCacheDirectory(console.env, console.home, process.platform))
    : undefined;
  const { trustedRoot, registryKeys, warnings } = await loadTrust({ ...options, now: console.now(), cacheDirectory });
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
