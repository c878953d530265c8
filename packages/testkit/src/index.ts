export {
  createSigstore,
  type ProvenanceOptions,
  type PublishAttestationOptions,
  type SigstoreBox,
  type SigstoreOptions,
} from './sigstore/sigstore-box.ts';
export type { BundleJson, BundleVersion } from './sigstore/bundle.ts';
export type { CertificateFlaws } from './sigstore/certificate-authority.ts';
export {
  emailIdentity,
  githubBuild,
  githubIdentity,
  gitlabBuild,
  gitlabIdentity,
  type Build,
  type CertificateIdentity,
  type FulcioClaim,
} from './sigstore/identity.ts';
export type { SigstoreServer } from './sigstore/serve-sigstore.ts';
export type { ServiceFault, SigstoreService } from './sigstore/service-faults.ts';
export type { TufRepository, TufRole } from './sigstore/tuf-repository.ts';
export type { LogKind, Signer, SignOptions } from './sigstore/signing.ts';
export {
  provenanceStatement,
  publishStatement,
  subjectOf,
  type Artifact,
  type PredicateKind,
  type Statement,
  type StatementSubject,
} from './sigstore/statements.ts';
export {
  createRegistryKey,
  keysDocument,
  keysTarget,
  signPackage,
  toRegistryKey,
  type KeyUsage,
  type PackageSignature,
  type RegistryKeyOptions,
  type RegistryKeyPair,
} from './sigstore/registry-key.ts';
export { tamperBundle, TAMPERS, type Tamper } from './sigstore/tamper.ts';
export type { JsonObject } from './sigstore/trusted-root.ts';
export { createRegistry, type RegistryBox, type RegistryOptions } from './registry/registry-box.ts';
export type { LockfileOptions, RegistryView } from './registry/registry-view.ts';
export type { Dependencies, Evidence, PublishOptions } from './registry/publish.ts';
export type { PublishManyOptions, PublishedTree } from './registry/publish-many.ts';
export type { AttestationJson, ManifestJson, Published } from './registry/published.ts';
export type { NpmLockfile, ProjectManifest } from './registry/lockfile.ts';
export type { Fault, FaultMatch, Route } from './registry/faults.ts';
export type { LoggedRequest, RegistryServer } from './registry/serve-registry.ts';
export { sourceFiles, type SourceFiles } from './registry/source-files.ts';
export { packTarball, type TarballEntry } from './registry/tarball.ts';
export { loadWorld, saveWorld, type World } from './registry/world.ts';
