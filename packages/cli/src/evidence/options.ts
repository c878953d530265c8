import path from 'node:path';
import type { TarballMode } from '@lockseal/core';
import type { Argv, Options } from 'yargs';
import { flagOption, listOption, numberOption, textOption, type RawArgs } from '../args.ts';
import type { Console } from '../io/console.ts';
import { parsePackDigest, type PackOption } from '../pack/pack-option.ts';
import { LocksealError } from '@lockseal/core';

/** Where evidence may come from, as the command line says. Paths are absolute. */
export interface EvidenceOptions {
  readonly offline: boolean;
  readonly registry: string | undefined;
  /** Further hosts that may serve tarballs or be redirected to. */
  readonly mirrors: readonly string[];
  readonly attestationsRegistry: string | undefined;
  readonly trustedRootFile: string | undefined;
  readonly registryKeysFile: string | undefined;
  /** TUF repository of a private Sigstore instance, with its initial root. */
  readonly tufMirror: { readonly url: string; readonly rootFile: string } | undefined;
  readonly cacheDirectory: string | undefined;
  readonly useCache: boolean;
  readonly concurrency: number | undefined;
  readonly tarballs: TarballMode;
  /** A pack that answers in place of registries and cache. */
  readonly pack: PackOption | undefined;
}

/** Declares the options that say where trust comes from, for commands that ask no registry. */
export function withTrustOptions(program: Argv): Argv {
  const { text, flag } = declare('Trust:');
  return program
    .option('trusted-root', text('Sigstore trusted root (JSON file), instead of the public-good one'))
    .option('registry-keys', text("Registry keys (JSON file), beside npm's"))
    .option('tuf-url', text('TUF repository of a private Sigstore instance; needs --tuf-root'))
    .option('tuf-root', text("That repository's initial root.json"))
    .option('offline', flag('Make no connection; answer from the cache'))
    .option('cache', text('Cache directory'))
    .option('no-cache', flag('Neither read nor write a cache'));
}

/** Declares the options that every command with evidence takes. */
export function withEvidenceOptions(program: Argv): Argv {
  const { text, flag } = declare('Evidence:');
  return withTrustOptions(program)
    .option('tarballs', flag('Read and hash every tarball, and prove every edge by the package.json inside'))
    .option('no-tarballs', flag('Read no tarball, not even where only its bytes could bind an entry'))
    .option('evidence', text('Evidence pack that answers in place of registries and cache'))
    .option('evidence-digest', text('Content address (sha256:…) that the pack must have; see docs/evidence-packs.md'))
    .option('registry', text('Base URL of the registry, instead of the configured one'))
    .option('mirror', text('Base URL of a further host that may serve tarballs; may be repeated'))
    .option('attestations-registry', text('Base URL to ask for attestations and keys: mirrors often strip them'))
    .option('concurrency', text('Connections at once (default 16)'));
}

function declare(group: string): { text: (describe: string) => Options; flag: (describe: string) => Options } {
  return {
    text: (describe) => ({ type: 'string', requiresArg: true, describe, group }),
    flag: (describe) => ({ type: 'boolean', describe, group }),
  };
}

/** @throws LocksealError ERR_USAGE */
export function decodeEvidenceOptions(args: RawArgs, console: Console): EvidenceOptions {
  const file = (name: string): string | undefined => {
    const given = textOption(args, name);
    return given === undefined ? undefined : path.resolve(console.cwd, given);
  };
  return {
    offline: flagOption(args, 'offline'),
    registry: textOption(args, 'registry'),
    mirrors: listOption(args, 'mirror'),
    attestationsRegistry: textOption(args, 'attestations-registry'),
    trustedRootFile: file('trusted-root'),
    registryKeysFile: file('registry-keys'),
    tufMirror: decodeTufMirror(textOption(args, 'tuf-url'), file('tuf-root')),
    cacheDirectory: file('cache'),
    useCache: !flagOption(args, 'no-cache'),
    concurrency: numberOption(args, 'concurrency', 1, 256),
    tarballs: decodeTarballs(args),
    pack: decodePack(file('evidence'), textOption(args, 'evidence-digest')),
  };
}

function decodePack(file: string | undefined, digest: string | undefined): EvidenceOptions['pack'] {
  if (file !== undefined) return { file, sha256: digest === undefined ? undefined : parsePackDigest(digest) };
  if (digest === undefined) return undefined;
  throw new LocksealError('ERR_USAGE', '--evidence-digest names no file.', { hint: 'Give --evidence=<file> too.' });
}

function decodeTarballs(args: RawArgs): TarballMode {
  const all = flagOption(args, 'tarballs');
  const none = flagOption(args, 'no-tarballs');
  if (all && none) {
    throw new LocksealError('ERR_USAGE', '--tarballs and --no-tarballs contradict each other.', {
      hint: 'Give one of them.',
    });
  }
  if (all) return 'all';
  return none ? 'none' : 'needed';
}

function decodeTufMirror(url: string | undefined, rootFile: string | undefined): EvidenceOptions['tufMirror'] {
  if (url === undefined && rootFile === undefined) return undefined;
  if (url === undefined || rootFile === undefined) {
    throw new LocksealError('ERR_USAGE', '--tuf-url and --tuf-root belong together.', {
      hint: 'Give both, or neither.',
    });
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new LocksealError('ERR_USAGE', '--tuf-url is no http or https URL.', { found: url });
  }
  return { url, rootFile };
}
