import path from 'node:path';
import { LocksealError, parseTrustedRoot, type LockfileFormat } from '@lockseal/core';
import {
  loadRegistryConfig,
  loadTrust,
  PackSource,
  trustIn,
  type EvidencePack,
  type TrustMaterial,
} from '@lockseal/registry';
import { directoriesOf } from '../evidence/directories.ts';
import type { Evidence } from '../evidence/open-evidence.ts';
import type { EvidenceOptions } from '../evidence/options.ts';
import type { Console } from '../io/console.ts';
import { readPackFile } from './pack-file.ts';
import type { PackOption } from './pack-option.ts';

/**
 * Evidence from a pack alone: no registry is asked. What a pack says of trust counts only where the user named that
 * very pack by its digest; otherwise the trusted root and the keys are the user's own.
 * @throws LocksealError ERR_CONFIG, ERR_TRUSTED_ROOT, ERR_KEYS, ERR_EVIDENCE_*
 */
export async function openPackEvidence(
  option: PackOption,
  options: EvidenceOptions,
  project: { readonly directory: string; readonly format: LockfileFormat | undefined },
  console: Console,
): Promise<Evidence> {
  const { registry, mirrors, attestationsRegistry, concurrency } = options;
  const flags = { registry, mirrors, attestationsRegistry, concurrency };
  const config = await loadRegistryConfig({ ...project, env: console.env, home: console.home, flags });
  const pack = await readPackFile(option);
  const isPinned = option.sha256 !== undefined;
  const usesOwnRoot = !isPinned || options.trustedRootFile !== undefined;
  const own = await loadTrust({
    ...options,
    ...directoriesOf(options, console),
    now: console.now(),
    offline: options.offline || !usesOwnRoot,
  });
  const { bytes, ...trust } = usesOwnRoot ? requireSameRoot(own.trustedRoot, pack, options) : trustIn(pack);
  const { registryKeys: trustedKeys } = own;
  const source = new PackSource({ pack, registries: config.map, isPinned, trustedKeys });
  return {
    source,
    verdicts: undefined,
    registries: config.map,
    trustedRoot: parseTrustedRoot(bytes),
    rootBytes: bytes,
    trust,
    keys: [...trustedKeys.file, ...trustedKeys.npm],
    concurrency: config.network.concurrency,
    warnings: [
      ...config.warnings,
      ...(usesOwnRoot ? own.warnings : []),
      ...(isPinned ? [] : [unpinnedWarning(option.file, console)]),
    ],
    pack: { sha256: pack.sha256, isPinned, source },
    close: () => undefined,
  };
}

/** Under another root the outcome could be another; which root counts is for the user to say, not to find out later. */
function requireSameRoot(
  own: TrustMaterial['trustedRoot'],
  pack: EvidencePack,
  { trustedRootFile }: EvidenceOptions,
): TrustMaterial['trustedRoot'] {
  const made = trustIn(pack);
  if (trustedRootFile !== undefined || made.sha256 === own.sha256) return own;
  throw new LocksealError('ERR_TRUSTED_ROOT', 'The evidence pack was made with another trusted root than yours.', {
    expected: `sha256:${own.sha256} (${own.origin})`,
    found: `sha256:${made.sha256}`,
    hint: 'Give --evidence-digest to judge by the root in the pack, or --trusted-root to judge by one that you have.',
  });
}

function unpinnedWarning(file: string, { cwd }: Console): string {
  const shown = path.relative(cwd, file);
  return (
    `Evidence comes from ${shown.startsWith('..') ? file : shown}, which no digest pins: what registries say without signing it ` +
    '(dependencies, dates, publishers) is the word of whoever made the pack. Pin it with --evidence-digest.'
  );
}
