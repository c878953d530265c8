import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { openGate, TarballStore, type ApprovedArtifact, type Gate, type Upstream } from '@lockseal/gate';
import { loadRegistryConfig, type RegistryConfig } from '@lockseal/registry';
import { createRegistry, createSigstore, type RegistryBox, type RegistryServer } from '@lockseal/testkit';
import { createUpstream } from '../../../src/gate/upstream.ts';

export const TOKEN = 'npm_s3cretS3cretS3cretS3cretS3cret01';

export interface Bench {
  readonly box: RegistryBox;
  readonly server: RegistryServer;
  readonly config: RegistryConfig;
  readonly upstream: Upstream;
  readonly folder: string;
  /** As an approval vouches for what is published. */
  artifact(name: string, version: string, other?: Partial<ApprovedArtifact>): ApprovedArtifact;
  gate(artifacts: readonly ApprovedArtifact[]): Promise<Gate>;
}

/** Published once: what differs are the servers, and what goes wrong. */
const box = createRegistry({ sigstore: await createSigstore(), token: TOKEN, signs: false });
for (const version of ['1.0.0', '2.0.0']) box.publish({ name: 'ms', version, evidence: { provenance: false } });
const files = { 'large.bin': noise(5 * 1024 * 1024) };
box.publish({ name: '@acme/ui', version: '1.0.0', files, evidence: { provenance: false } });

/** A private registry over HTTP, the configuration that leads to it, and a gate before it. */
export async function openBench(t: TestContext, timeoutMs = 60_000): Promise<Bench> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lockseal-upstream-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  box.clearFaults();
  const server = await box.serve();
  t.after(() => server.close());
  const { host } = new URL(server.url);
  const settings = [
    `registry=${server.url}`,
    `//${host}/:_authToken=${TOKEN}`,
    'fetch-retries=1',
    `fetch-timeout=${timeoutMs}`,
  ];
  const waits = ['fetch-retry-mintimeout=1', 'fetch-retry-maxtimeout=2'];
  await writeFile(path.join(folder, '.npmrc'), `${[...settings, ...waits].join('\n')}\n`);
  const config = await loadRegistryConfig({ directory: folder, env: {}, home: folder });
  const upstream = createUpstream({ config, offline: false, userAgent: 'test', signal: new AbortController().signal });
  t.after(() => upstream.close());
  return {
    box,
    server,
    config,
    upstream,
    folder,
    artifact: (name, version, other = {}) => {
      const sha512 = Buffer.from(box.find(name, version)?.integrity.slice('sha512-'.length) ?? '', 'base64').toString(
        'hex',
      );
      const about = { name, version, purl: `pkg:npm/${name}@${version}`, registry: server.url, lockedUrl: undefined };
      return { ...about, sha512, entries: [name], path: ['.', `${name}@${version}`], ...other };
    },
    gate: async (artifacts) => {
      const store = await TarballStore.open(folder, Date.now());
      const gate = await openGate({
        artifacts,
        upstream,
        store,
        registries: config.map,
        allowHosts: [],
        now: Date.now,
      });
      t.after(() => gate.close());
      return gate;
    },
  };
}

/** The same each time, and not to be compressed. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = 1; at < length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}
