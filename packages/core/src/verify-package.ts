import { bindBytes, type BoundBytes } from './checks/bind-bytes.ts';
import { installScriptsOf } from './checks/install-scripts.ts';
import { checkRegistryAgreement } from './checks/registry-agreement.ts';
import { checkSignedDigest } from './checks/signed-digest.ts';
import { checkTarballContents } from './checks/tarball-contents.ts';
import type { FindingCode } from './finding-codes.ts';
import { checkPin } from './integrity.ts';
import { attestationsOf, judgeEvidence, type JudgeContext } from './judge-evidence.ts';
import type { CarriedEvidence, EdgeProof, Evidence, Observation } from './model/evidence.ts';
import type { LockfileFormat, PublishedEntry } from './model/lockfile.ts';
import type { Manifest, TarballFacts, VersionDocument } from './model/manifest.ts';
import type { PublishedFacts } from './model/published.ts';
import type { Clock, EvidenceSource, Fetched, PackageVersion, RegistryKey, RegistryMap, TarballMode } from './ports.ts';
import type { BundleVerifier } from './sigstore/verify-bundle.ts';

export interface PackageContext extends JudgeContext {
  readonly format: LockfileFormat;
  readonly source: EvidenceSource;
  readonly clock: Clock;
  readonly registries: RegistryMap;
  readonly tarballs: TarballMode;
  /** Whether the list of files in the tarball is kept: it is large, and only a comparison needs it. */
  readonly keepsFiles?: ((entry: PublishedEntry) => boolean) | undefined;
  /** Looks at the history of the package; undefined: nobody asks for it. */
  readonly historyOf?:
    | ((
        entry: PublishedEntry,
        known: Pick<PackageFacts, 'installScripts'> & { readonly verifier: BundleVerifier },
      ) => Promise<Evidence['history']>)
    | undefined;
}

/** What is known of one registry artifact before its edges are looked at. */
export interface PackageFacts {
  readonly checks: Omit<Evidence['checks'], 'edges'>;
  readonly sha512: string | undefined;
  readonly signedDigest?: Evidence['signedDigest'];
  /** A key is known with which the registry signs. */
  readonly registrySigns: boolean;
  readonly observations: readonly Observation[];
  /** What the edges are held against, and how far it can be trusted. */
  readonly manifest: { readonly proof: EdgeProof; readonly manifest: Manifest } | undefined;
  readonly tarball: TarballFacts | undefined;
  readonly published: PublishedFacts | undefined;
  readonly installScripts: Evidence['installScripts'];
  readonly history: Evidence['history'];
  readonly keys: readonly RegistryKey[];
  /** What was asked for, so that the registry in question is known. */
  readonly registry: PackageVersion;
  /** An approval vouches for it, and nothing was asked for. */
  readonly carried?: CarriedEvidence | undefined;
}

/**
 * Checks 1 to 5 and 8 of one published version, each over the locked digest, never over what the registry says today.
 * Never throws for anything that a server or a lockfile says.
 */
export async function verifyPackage(entry: PublishedEntry, context: PackageContext): Promise<PackageFacts> {
  const version = toPackageVersion(entry);
  const [document, attestations, keys] = await Promise.all([
    context.source.versionDocument(version),
    attestationsOf(context.source, version),
    context.source.keys(version),
  ]);
  const pin = checkPin(entry.pin, context.format);
  const isElsewhere = pin.codes.includes('checksum-missing') && isForOtherPlatforms(entry, document);
  const bytes = await bindBytes(entry, document, context);
  const registry = checkRegistryAgreement(entry, document, bytes, context.registries);
  const trustedKeys = keys.status === 'ok' ? keys.value : [];
  const gathered = { bytes, document, attestations, keys };
  const { attested, signature, served } = await judgeEvidence(entry, gathered, context);
  const signedDigest = checkSignedDigest(entry, gathered, context);
  const tarball = checkTarballContents(entry, bytes, document);
  const installScripts = scriptsOf(bytes, document);
  return {
    checks: {
      integrity: pin.result,
      registry: registry.result,
      // Nothing is locked that it could be over: but the registry's own digest it must be over.
      signature: signedDigest?.status === 'invalid' ? signedDigest : signature,
      publishAttestation: attested.publishAttestation,
      provenance: attested.provenance,
      tarball: tarball.result,
    },
    sha512: bytes.status === 'bound' ? bytes.sha512 : undefined,
    signedDigest,
    registrySigns: trustedKeys.some((key) => key.usages.includes('npm:signatures')),
    observations: [
      ...(isElsewhere ? ELSEWHERE : pin.codes).map((code): Observation => ({
        code,
        entry: entry.id,
        position: entry.position,
        found: pin.found,
      })),
      ...registry.observations,
      ...attested.observations,
      ...withheld(entry, document, served),
      ...tarball.observations,
    ],
    manifest: manifestOf(bytes, document),
    tarball:
      context.keepsFiles?.(entry) === true ? bytes.tarball : bytes.tarball && { ...bytes.tarball, list: undefined },
    published: document.status === 'ok' ? publishedFacts(document.value) : undefined,
    installScripts,
    history: await context.historyOf?.(entry, { verifier: context.verifierFor(keys), installScripts }),
    keys: trustedKeys,
    registry: version,
  };
}

export function toPackageVersion(entry: PublishedEntry): PackageVersion {
  return { name: entry.name, version: entry.version, namedRegistry: entry.source.namedRegistry };
}

const ELSEWHERE: readonly FindingCode[] = ['checksum-missing-elsewhere'];

/** Yarn records no checksum of what is bound to platforms; the manifest must bear the conditions out. */
function isForOtherPlatforms({ flags }: PublishedEntry, document: Fetched<VersionDocument>): boolean {
  const isConditional = [flags.os, flags.cpu, flags.libc].some((list) => list.length > 0);
  return isConditional && document.status === 'ok' && document.value.manifest.platformBound === true;
}

/** A registry (or a mirror before it) that announces attestations must serve them. */
function withheld(
  entry: PublishedEntry,
  document: Fetched<VersionDocument>,
  served: number | undefined,
): Observation[] {
  const isAnnounced = document.status === 'ok' && document.value.dist.announcesAttestations;
  return isAnnounced && served === 0
    ? [{ code: 'attestations-withheld', entry: entry.id, position: entry.position }]
    : [];
}

/** The package.json in bytes that the lockfile pins proves edges; the registry's word only says them. */
function manifestOf(
  bytes: BoundBytes,
  document: Fetched<VersionDocument>,
): { readonly proof: Exclude<EdgeProof, 'approval'>; readonly manifest: Manifest } | undefined {
  if (bytes.status === 'bound' && bytes.tarball?.sha512 === bytes.sha512) {
    return { proof: 'tarball', manifest: bytes.tarball.manifest };
  }
  return document.status === 'ok' ? { proof: 'registry', manifest: document.value.manifest } : undefined;
}

function publishedFacts({ manifest, publishedAt, publisher }: VersionDocument): PublishedFacts {
  const { deprecated, license } = manifest;
  return { publishedAt, publisher, deprecated: deprecated === '' ? undefined : deprecated, license };
}

/** The registry turns a binding.gyp into a script when a version is published; the tarball's own word counts more. */
function scriptsOf(bytes: BoundBytes, document: Fetched<VersionDocument>): Evidence['installScripts'] {
  const held = manifestOf(bytes, document);
  if (held === undefined) return undefined;
  const hasBindingGyp = held.proof === 'tarball' && bytes.tarball?.hasBindingGyp === true;
  return installScriptsOf(held.manifest, { proof: held.proof, hasBindingGyp });
}
