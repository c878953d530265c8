import type { BundleJson } from './bundle.ts';
import { createCertificateAuthority, type Validity } from './certificate-authority.ts';
import { createCtLog } from './ct-log.ts';
import {
  githubBuild,
  githubIdentity,
  gitlabBuild,
  gitlabIdentity,
  type Build,
  type CertificateIdentity,
  type FulcioClaim,
} from './identity.ts';
import { createRegistryKey, keysTarget, type RegistryKeyOptions, type RegistryKeyPair } from './registry-key.ts';
import { serveSigstore, type SigstoreServer } from './serve-sigstore.ts';
import { signEnvelope, signMessage, type Services, type Signer, type SignOptions } from './signing.ts';
import {
  provenanceStatement,
  publishStatement,
  type Artifact,
  type PredicateKind,
  type Statement,
} from './statements.ts';
import { tamperBundle, type Tamper } from './tamper.ts';
import { createTimestampAuthority } from './timestamp-authority.ts';
import { createRekorV1, createRekorV2 } from './transparency-log.ts';
import { trustedRootJson, type JsonObject, type TrustedParts } from './trusted-root.ts';

export interface SigstoreOptions {
  /** When something is signed, unless its `at` says otherwise. Default: the system's clock. */
  readonly clock?: () => Date;
  /** From when the root, logs and authorities are valid. Default: 2021-01-01. */
  readonly validFrom?: Date;
  /** Until when their certificates are valid. Default: 2045-01-01. */
  readonly validUntil?: Date;
}

/** What a provenance is about and how it is to be signed; everything but the artifact has a plausible default. */
export interface ProvenanceOptions extends Artifact, Partial<Build>, SignOptions {
  /** Default: `slsa-v1`. */
  readonly predicate?: PredicateKind | undefined;
  /** Claims of the certificate that shall differ from what the build implies; undefined leaves one out. */
  readonly claims?: Readonly<Partial<Record<FulcioClaim, string | undefined>>>;
  /** Subject alternative name of the certificate. Default: the workflow's URI. */
  readonly san?: string;
  /** Changes the statement before it is signed: another subject, predicate, type… */
  readonly edit?: (statement: Statement) => unknown;
  /** Damages the finished bundle. */
  readonly tamper?: Tamper | undefined;
}

export interface PublishAttestationOptions extends Artifact, SignOptions {
  readonly registryKey: RegistryKeyPair;
  /** The predicate's `registry`. Default: `https://registry.npmjs.org`. */
  readonly registry?: string;
  /** Changes the statement before it is signed. */
  readonly edit?: (statement: Statement) => unknown;
  readonly tamper?: Tamper | undefined;
}

/** A Sigstore instance that lives in this process: mints bundles that verify against its trusted root. */
export interface SigstoreBox {
  readonly services: Services;
  /** protobuf-specs TrustedRoot, as JSON. */
  readonly trustedRoot: JsonObject;
  /** Keys that the TUF repository's npm target lists, in order of creation. */
  readonly registryKeys: readonly RegistryKeyPair[];
  /** Makes a registry key and lists it in the TUF target. */
  addRegistryKey(options?: RegistryKeyOptions): RegistryKeyPair;
  /** The TUF target `registry.npmjs.org/keys.json`. */
  keysTarget(): JsonObject;
  /** SLSA provenance, signed keyless by the build that it describes. */
  provenance(options: ProvenanceOptions): BundleJson;
  /** npm's publish attestation, signed with a registry key. */
  publishAttestation(options: PublishAttestationOptions): BundleJson;
  /** Any JSON value in a DSSE envelope. */
  signStatement(statement: unknown, signer: Signer, options?: SignOptions): BundleJson;
  /** Bytes as they are, in a `messageSignature` bundle. */
  signMessage(message: Uint8Array, signer: Signer, options?: SignOptions): BundleJson;
  /** Opens the services over HTTP on loopback; what they mint verifies against the same trusted root. */
  serve(): Promise<SigstoreServer>;
}

/** Starts a Sigstore instance in this process; nothing listens until `serve`. */
export async function createSigstore(options: SigstoreOptions = {}): Promise<SigstoreBox> {
  const parts = createParts(options);
  const [rekorV1, rekorV2] = parts.logs;
  const services: Services = { ...parts, rekorV1, rekorV2, clock: options.clock ?? (() => new Date()) };
  const trustedRoot = trustedRootJson(parts);
  const registryKeys: RegistryKeyPair[] = [];
  return {
    services,
    trustedRoot,
    registryKeys,
    addRegistryKey(keyOptions) {
      const key = createRegistryKey(keyOptions);
      registryKeys.push(key);
      return key;
    },
    keysTarget: () => ({ ...keysTarget(registryKeys) }),
    provenance: (asked) => withTamper(asked.tamper, () => mintProvenance(services, asked)),
    publishAttestation: (asked) => withTamper(asked.tamper, () => mintPublishAttestation(services, asked)),
    signStatement: (statement, signer, asked = {}) => signEnvelope(services, toPayload(statement), signer, asked),
    signMessage: (message, signer, asked = {}) => signMessage(services, message, signer, asked),
    serve: () => serveSigstore(services, () => tufTargets(trustedRoot, registryKeys)),
  };
}

type Parts = TrustedParts & { readonly logs: readonly [Services['rekorV1'], Services['rekorV2']] };

function createParts(options: SigstoreOptions): Parts {
  const validity: Validity = {
    start: options.validFrom ?? new Date('2021-01-01T00:00:00.000Z'),
    end: options.validUntil ?? new Date('2045-01-01T00:00:00.000Z'),
  };
  const ctLog = createCtLog();
  return {
    validity,
    ctLog,
    certificateAuthority: createCertificateAuthority(ctLog, validity),
    logs: [createRekorV1(), createRekorV2()],
    timestampAuthority: createTimestampAuthority(validity),
  };
}

/** Of the public repository's targets those that its clients ask for. */
function tufTargets(trustedRoot: JsonObject, keys: readonly RegistryKeyPair[]): Map<string, Buffer> {
  return new Map([
    ['trusted_root.json', Buffer.from(JSON.stringify(trustedRoot))],
    ['registry.npmjs.org/keys.json', Buffer.from(JSON.stringify(keysTarget(keys)))],
  ]);
}

function mintProvenance(services: Services, asked: ProvenanceOptions): BundleJson {
  const kind = asked.predicate ?? 'slsa-v1';
  const build = kind === 'slsa-v0.2-gitlab' ? gitlabBuild(buildOf(asked)) : githubBuild(buildOf(asked));
  const identity = kind === 'slsa-v0.2-gitlab' ? gitlabIdentity(build) : githubIdentity(build);
  const signer = { type: 'certificate', identity: claiming(identity, asked) } as const;
  return signEnvelope(services, toPayload(edited(asked, provenanceStatement(asked, build, kind))), signer, asked);
}

function mintPublishAttestation(services: Services, asked: PublishAttestationOptions): BundleJson {
  const statement = publishStatement(asked, asked.registry ?? 'https://registry.npmjs.org');
  const signer = { type: 'key', key: asked.registryKey } as const;
  return signEnvelope(services, toPayload(edited(asked, statement)), signer, {
    ...asked,
    bundleVersion: asked.bundleVersion ?? '0.2',
    log: asked.log ?? 'rekor-v1-intoto',
  });
}

function buildOf(asked: ProvenanceOptions): Partial<Build> {
  const { repository, workflow, ref, commit, trigger, repositoryId, ownerId, runnerEnvironment, runUrl, visibility } =
    asked;
  const said = {
    repository,
    workflow,
    ref,
    commit,
    trigger,
    repositoryId,
    ownerId,
    runnerEnvironment,
    runUrl,
    visibility,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function claiming(identity: CertificateIdentity, asked: ProvenanceOptions): CertificateIdentity {
  return { ...identity, san: asked.san ?? identity.san, claims: { ...identity.claims, ...asked.claims } };
}

function edited(asked: { readonly edit?: (statement: Statement) => unknown }, statement: Statement): unknown {
  return asked.edit === undefined ? statement : asked.edit(statement);
}

function toPayload(statement: unknown): Buffer {
  return Buffer.from(JSON.stringify(statement));
}

/** Some tampering swaps in parts of another genuine bundle, so a second one is minted. */
function withTamper(tamper: Tamper | undefined, mint: () => BundleJson): BundleJson {
  return tamper === undefined ? mint() : tamperBundle(mint(), tamper, mint());
}
