import type { Authority, LockfileFormat } from '@lockseal/core';
import { loadRegistryConfig, type RegistryConfig } from '@lockseal/registry';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';

/**
 * The registries that the lockfile's package manager is configured for, as verification has them.
 * @param hosts that the policy names besides: approved tarballs may be fetched there
 * @throws LocksealError ERR_CONFIG
 */
export async function loadConfig(
  { registry, mirrors, attestationsRegistry, concurrency }: EvidenceOptions,
  project: { readonly directory: string; readonly format: LockfileFormat },
  hosts: readonly Authority[],
  { env, home }: Pick<Console, 'env' | 'home'>,
): Promise<RegistryConfig> {
  const named = hosts.map(({ host, port }) => `https://${host}:${port}/`);
  const flags = { registry, mirrors: [...mirrors, ...named], attestationsRegistry, concurrency };
  return loadRegistryConfig({ ...project, env, home, flags });
}
