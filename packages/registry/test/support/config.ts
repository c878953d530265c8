import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { RegistryConfig, type RegistryConfigParts } from '../../src/config/config.ts';

/** A folder that is gone when the test ends. */
export function tempDir(t: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockseal-registry-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A configuration with short waits, and one registry unless told otherwise. */
export function configOf(registry: string, parts: Partial<RegistryConfigParts> = {}): RegistryConfig {
  return new RegistryConfig({
    map: { default: registry, scopes: new Map(), named: new Map(), mirrors: [] },
    attestationsRegistry: undefined,
    tls: { strict: true, ca: [] },
    network: { timeoutMs: 10_000, concurrency: 16, retries: 2, retryFactor: 2, retryMinMs: 5, retryMaxMs: 20 },
    sources: [],
    warnings: [],
    proxy: { http: undefined, https: undefined, none: [] },
    authorizations: new Map(),
    certificates: new Map(),
    ...parts,
  });
}
