import type { Evidence, LockedPackage } from '@lockseal/core';
import { dependencyPaths } from '@lockseal/lockfile';
import { permittedScripts, type PermittedScript, type PermitsFor } from '@lockseal/policy';
import type { OpenedPolicy } from '../policy/open-policy.ts';
import type { VerifiedFile } from '../verify-file.ts';

/** The install scripts of one artifact. Texts are untrusted. */
export interface ListedScripts {
  readonly name: string;
  readonly version: string | undefined;
  readonly purl: string;
  /** From an importer to the package; undefined where nothing leads to it. */
  readonly path: readonly string[] | undefined;
  /** How many entries of the lockfile are this very artifact. */
  readonly entries: number;
  /** Who tells: the bytes of the locked tarball, the registry, or only the lockfile, which says that there is something. */
  readonly proof: 'tarball' | 'registry' | 'lockfile';
  readonly scripts: readonly { readonly name: string; readonly text: string | undefined }[];
  /** Lower-case hex, of all scripts; undefined where the texts are not known. */
  readonly sha256: string | undefined;
  /** Of a git dependency, which is approved by its commit. */
  readonly commit: string | undefined;
  /** What the policy lets it do; undefined: it is held. */
  readonly permit: PermittedScript | undefined;
}

/** An artifact whose tarball could not be read: it may have scripts. */
export interface UnreadPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly path: readonly string[] | undefined;
  /** One clause. Untrusted text. */
  readonly reason: string;
}

export interface ScriptList {
  readonly packages: readonly ListedScripts[];
  readonly unread: readonly UnreadPackage[];
  /** Entries that were looked at. */
  readonly entries: number;
}

/** Every install script of what a lockfile locks, as verification found it, and what the policy says of it. */
export function listScripts(
  { lockfile, verification }: Pick<VerifiedFile, 'lockfile' | 'verification'>,
  { policy }: Pick<OpenedPolicy, 'policy'>,
): ScriptList {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const pathTo = dependencyPaths(lockfile);
  const permitsFor = permittedScripts(policy);
  const pairs = verification.evidence.flatMap((evidence) => {
    const entry = entries.get(evidence.entry);
    return entry === undefined ? [] : [{ entry, evidence, path: pathTo(entry.id) }];
  });
  const listed = pairs.flatMap((pair) => describe(pair, permitsFor) ?? []);
  const groups = Map.groupBy(listed, ({ purl, sha256, proof }) => `${purl} ${sha256 ?? ''} ${proof}`);
  return {
    packages: [...groups.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ ...first, entries: 1 + others.length }],
    ),
    unread: pairs.flatMap(unreadPackage),
    entries: lockfile.entries.length,
  };
}

interface Pair {
  readonly entry: LockedPackage;
  readonly evidence: Evidence;
  readonly path: readonly string[] | undefined;
}

function describe({ entry, evidence, path }: Pair, permitsFor: PermitsFor): ListedScripts | undefined {
  const scripts = scriptsOf(entry, evidence);
  if (scripts === undefined) return undefined;
  const { name, version } = entry;
  const { sha256, commit } = scripts;
  const permit = permitsFor(name, version).find((each) =>
    each.sha256 === undefined ? each.commit === commit : each.sha256 === sha256,
  );
  return { name, version, purl: evidence.purl, path, entries: 1, ...scripts, permit };
}

type Known = Pick<ListedScripts, 'proof' | 'scripts' | 'sha256' | 'commit'>;

function scriptsOf({ source, hasInstallScript }: LockedPackage, evidence: Evidence): Known | undefined {
  const { installScripts } = evidence;
  if (source.type === 'git') {
    const unknown = { name: 'prepare and install scripts', text: undefined };
    return { proof: 'lockfile', scripts: [unknown], sha256: undefined, commit: source.commit };
  }
  if (installScripts !== undefined) {
    const { names, texts = [], sha256, proof } = installScripts;
    if (sha256 === undefined) return undefined;
    return { proof, scripts: names.map((name, at) => ({ name, text: texts[at] })), sha256, commit: undefined };
  }
  if (hasInstallScript !== true || evidence.class === 'workspace') return undefined;
  const unknown = { name: 'install script', text: undefined };
  return { proof: 'lockfile', scripts: [unknown], sha256: undefined, commit: undefined };
}

function unreadPackage({ entry: { name, version }, evidence: { checks }, path }: Pair): UnreadPackage[] {
  const { tarball } = checks;
  return tarball.status === 'unavailable' ? [{ name, version, path, reason: tarball.reason }] : [];
}
