// A registry on loopback that stands before the configured one and signs what that serves: mirrors often strip signatures,
// and without any nothing can be approved that the lockfile does not bind.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { createRegistryKey, keysDocument, signPackage, toRegistryKey, type RegistryKeyPair } from '@lockseal/testkit';
import { spawned } from './spawned.ts';

export interface SigningRegistry {
  /** Base URL with a trailing slash. */
  readonly url: string;
  /** JSON text for `--registry-keys`. */
  readonly keys: string;
  close(): Promise<void>;
}

interface Version {
  readonly name: string;
  readonly version: string;
  readonly dist: { integrity?: string; tarball?: string; signatures?: unknown };
}

/** Opened for the registry that npm is configured for here; with `signs: false` it serves no signature, not even one of that. */
export async function openSigningRegistry({ signs = true } = {}): Promise<SigningRegistry> {
  const { exitCode, output } = await spawned(['npm', 'config', 'get', 'registry', '--loglevel=silent'], {
    cwd: process.cwd(),
    env: process.env,
    timeout: 60_000,
  });
  const [configured] = /^https?:.*$/m.exec(output) ?? [];
  assert.ok(exitCode === 0 && configured !== undefined, output);
  const upstream = configured.replace(/\/*$/, '/');
  const key = createRegistryKey();
  const server = createServer((request, response) => {
    answer(request, response, { upstream, key: signs ? key : undefined, own: ownUrl() }).catch((error: unknown) => {
      response.writeHead(502).end(String(error));
    });
  });
  const ownUrl = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: ownUrl(),
    keys: JSON.stringify(keysDocument([toRegistryKey(key)])),
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

interface Serving {
  readonly upstream: string;
  /** undefined: signatures are taken away. */
  readonly key: RegistryKeyPair | undefined;
  readonly own: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const url = new URL((request.url ?? '/').slice(1), serving.upstream);
  const { accept = '*/*' } = request.headers;
  const served = await fetch(url, { headers: { accept } });
  const bytes = Buffer.from(await served.arrayBuffer());
  const isJson = served.headers.get('content-type')?.includes('json') === true;
  const body = served.ok && isJson ? signed(bytes.toString(), serving) : bytes;
  response.writeHead(served.status, { 'content-type': served.headers.get('content-type') ?? '' }).end(body);
}

/** Version documents and packuments; anything else stays as it is. */
function signed(text: string, serving: Serving): string {
  const document = JSON.parse(text) as Partial<Version> & { readonly versions?: Readonly<Record<string, Version>> };
  const versions = document.versions === undefined ? [document] : Object.values(document.versions);
  for (const each of versions) if (isVersion(each)) sign(each, serving);
  return JSON.stringify(document);
}

function isVersion(each: Partial<Version>): each is Version {
  return each.dist !== undefined && each.name !== undefined && each.version !== undefined;
}

function sign({ name, version, dist }: Version, { key, own }: Serving): void {
  const { integrity } = dist;
  dist.signatures = integrity === undefined || key === undefined ? [] : [signPackage(key, name, version, integrity)];
  if (dist.tarball !== undefined) dist.tarball = new URL(new URL(dist.tarball).pathname.slice(1), own).href;
}
