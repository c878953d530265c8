// The whole path of a lockfile over HTTP in this process: read, verified, judged. Nothing is tried twice.
import {
  parseTrustedRoot,
  verifyLockfile,
  type LockedPackage,
  type Lockfile,
  type RegistryKey,
  type TrustedRootMaterial,
} from '@lockseal/core';
import { bindProject, dependencyPaths, readLockfile } from '@lockseal/lockfile';
import { evaluate, loadPolicy, type Judgement, type Policy } from '@lockseal/policy';
import { createNetworkSource, HttpClient, RegistryConfig } from '@lockseal/registry';
import type { SigstoreBox } from '@lockseal/testkit';
import { readKeysTarget, rootBytes } from './bundles.ts';

/** Demands all evidence there is: whatever is missing or unknown is no pass. */
const DEMANDING = `version: 1
extends: baseline
rules:
  provenance: {level: error, require: true}
  publish-attestation: {level: error, require: true}
  registry-signature: {levels: {signature-missing: error, signature-unknown-key: error}}
  evidence: {levels: {attestations-withheld: error, evidence-unavailable: error}}
  tarball: error
  manifest-mismatch: error
`;

export interface Loopback {
  /** Base URL of the default registry. */
  readonly url: string;
  readonly lockfile: string;
  readonly path?: string;
  readonly authorizations?: ReadonlyMap<string, string>;
  readonly scopes?: ReadonlyMap<string, string>;
  readonly mirrors?: readonly string[];
  /** Milliseconds without a byte that are granted; short where nothing will ever come. Default: 20 s. */
  readonly idleMs?: number;
}

export interface LoopbackVerdict {
  readonly verdict: Judgement['verdict'];
  /** Codes above `note`, and those of what could not be decided. */
  readonly codes: readonly string[];
}

/** Verifies lockfiles whose evidence a box has signed. */
export class LoopbackVerifier {
  readonly #trustedRoot: TrustedRootMaterial;
  readonly #keys: readonly RegistryKey[];
  readonly #policy: Policy;

  private constructor(box: SigstoreBox, policy: Policy) {
    this.#trustedRoot = parseTrustedRoot(rootBytes(box));
    this.#keys = readKeysTarget(box.keysTarget());
    this.#policy = policy;
  }

  static async create(box: SigstoreBox): Promise<LoopbackVerifier> {
    const source = { file: 'lockseal.yaml', text: DEMANDING };
    const loaded = await loadPolicy(source, { now: Date.now(), read: async () => undefined });
    if (loaded.status !== 'ok') throw new Error(JSON.stringify(loaded.problems));
    return new LoopbackVerifier(box, loaded.policy);
  }

  async verify(asked: Loopback): Promise<LoopbackVerdict> {
    const config = configOf(asked);
    const client = new HttpClient({ config, offline: false, idleMs: asked.idleMs ?? 20_000, maxRetryAfterMs: 50 });
    const trustedKeys = { file: [], npm: this.#keys };
    const source = createNetworkSource({ config, client, cache: undefined, offline: false, trustedKeys });
    const bytes = new TextEncoder().encode(asked.lockfile);
    const lockfile = bindProject(readLockfile(asked.path ?? 'package-lock.json', bytes), undefined);
    try {
      const verification = await verifyLockfile({
        lockfile,
        project: undefined,
        registries: config.map,
        source,
        trustedRoot: this.#trustedRoot,
        trust: { origin: 'file', sha256: '00'.repeat(32), asOf: undefined },
        clock: { now: () => Date.now() },
        tarballs: 'all',
        concurrency: 4,
      });
      const { verdict, findings, undecided } = evaluate(verification, this.#policy, contextOf(lockfile));
      const above = findings.filter(({ level }) => level !== 'note').map(({ code }) => code);
      return { verdict, codes: [...new Set([...above, ...undecided.map(({ error }) => error)])].toSorted() };
    } finally {
      client.close();
    }
  }
}

function contextOf(lockfile: Lockfile): Parameters<typeof evaluate>[2] {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const describe = (id: string): LockedPackage => {
    const entry = entries.get(id);
    if (entry === undefined) throw new Error(`no entry is called ${id}`);
    return entry;
  };
  return { describe, pathTo: dependencyPaths(lockfile) };
}

function configOf({ url, authorizations, scopes, mirrors }: Loopback): RegistryConfig {
  return new RegistryConfig({
    map: { default: url, scopes: scopes ?? new Map(), named: new Map(), mirrors: mirrors ?? [] },
    attestationsRegistry: undefined,
    tls: { strict: true, ca: [] },
    network: { timeoutMs: 20_000, concurrency: 8, retries: 0, retryFactor: 1, retryMinMs: 1, retryMaxMs: 1 },
    sources: [],
    warnings: [],
    proxy: { http: undefined, https: undefined, none: [] },
    authorizations: authorizations ?? new Map(),
    certificates: new Map(),
  });
}
