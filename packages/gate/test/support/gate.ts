import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import net, { type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import tls, { type TLSSocket } from 'node:tls';
import { PUBLIC_REGISTRY, type RegistryMap } from '@lockseal/core';
import type { ApprovedArtifact } from '../../src/artifact.ts';
import { openGate, type Gate, type GateOptions } from '../../src/serve/open-gate.ts';
import type { Upstream } from '../../src/serve/upstream.ts';
import { TarballStore } from '../../src/store/tarball-store.ts';

export const REGISTRIES: RegistryMap = { default: PUBLIC_REGISTRY, scopes: new Map(), named: new Map(), mirrors: [] };

export function sha512(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('hex');
}

/** An artifact that is approved with these bytes. */
export function artifactOf(spec: string, bytes: Uint8Array, other: Partial<ApprovedArtifact> = {}): ApprovedArtifact {
  const at = spec.lastIndexOf('@');
  const [name, version] = [spec.slice(0, at), spec.slice(at + 1)];
  return {
    name,
    version,
    purl: `pkg:npm/${spec}`,
    registry: PUBLIC_REGISTRY,
    lockedUrl: undefined,
    sha512: sha512(bytes),
    entries: [`node_modules/${name}`],
    path: ['.', spec],
    ...other,
  };
}

/** Bytes that no compression shortens. */
export function noise(length: number): Buffer {
  return randomBytes(length);
}

export type Serve = (artifact: ApprovedArtifact) => AsyncIterable<Uint8Array>;

/** The bytes in pieces. */
export async function* pieces(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export interface FakeUpstream extends Upstream {
  readonly asked: string[];
}

/** An upstream in memory, for what is about the gate alone. */
export function upstreamOf(serve: Serve, documents: ReadonlyMap<string, unknown> = new Map()): FakeUpstream {
  const asked: string[] = [];
  return {
    asked,
    packument: async (name) => {
      asked.push(name);
      return documents.get(name);
    },
    tarball: async (artifact, read) => {
      asked.push(`${artifact.name}@${artifact.version}`);
      return read(serve(artifact));
    },
    connect: async (host, port) => {
      const socket = net.connect({ host, port });
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      return socket;
    },
    close: () => undefined,
  };
}

export function temporaryFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-gate-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A gate that is closed at the end of the test. */
export async function gateFor(
  t: TestContext,
  options: Partial<GateOptions> & Pick<GateOptions, 'artifacts' | 'upstream'>,
): Promise<Gate & { readonly folder: string }> {
  const folder = temporaryFolder(t);
  const store = options.store ?? (await TarballStore.open(folder, Date.now()));
  const gate = await openGate({ registries: REGISTRIES, allowHosts: [], now: Date.now, ...options, store });
  t.after(() => gate.close());
  return Object.assign(gate, { folder });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether the message came to its end, as HTTP has it. */
  readonly complete: boolean;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request on a connection of its own. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Answer> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return exchange(http.request(url, { method, headers: { ...length, ...headers }, agent: false }), body);
}

/** The same with a whole URL, by the proxy face. */
export function askByProxy(
  gate: Gate,
  url: string,
  { method = 'GET', headers = {}, body }: Asking = {},
): Promise<Answer> {
  const options = { host: '127.0.0.1', port: gate.port, path: url, method, agent: false };
  const own = { host: URL.parse(url)?.host ?? 'nowhere', 'proxy-authorization': proxyAuthorization(gate) };
  return exchange(http.request({ ...options, headers: { ...own, ...headers } }), body);
}

function exchange(request: http.ClientRequest, body: string | undefined): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  request.on('error', reject);
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    const done = (): void =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks),
        complete: response.complete,
      });
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', done).on('close', done);
  });
  request.end(body);
  return promise;
}

export function proxyAuthorization({ proxyUrl }: Gate): string {
  const { username, password } = new URL(proxyUrl);
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export interface Connection {
  readonly status: number;
  readonly head: string;
  readonly socket: Socket;
}

/** CONNECT as written. */
export async function connectTo(gate: Gate, authority: string, headers?: readonly string[]): Promise<Connection> {
  const lines = headers ?? [`Host: ${authority}`, `Proxy-Authorization: ${proxyAuthorization(gate)}`];
  const socket = net.connect({ host: '127.0.0.1', port: gate.port });
  socket.write(`CONNECT ${authority} HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
  const head = await headOf(socket);
  return { status: Number(head.split(' ')[1] ?? 0), head, socket };
}

/** Bytes up to the empty line, or to the end. */
export function headOf(socket: Socket | TLSSocket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (text.includes('\r\n\r\n')) settle();
  };
  const settle = (): void => {
    socket.off('data', onData).off('close', settle).off('error', settle);
    socket.pause();
    socket.on('error', () => undefined);
    resolve(text);
  };
  socket.on('data', onData).on('close', settle).on('error', settle);
  socket.resume();
  return promise;
}

/** All bytes until the other side closes. */
export function restOf(socket: Socket | TLSSocket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(text));
  socket.resume();
  return promise;
}

/** Sends bytes as they are, and reads until the other side closes. */
export async function sayRaw(gate: Gate, text: string): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port: gate.port });
  socket.write(text);
  return restOf(socket);
}

/** TLS inside a connection by CONNECT, trusting the gate's authority. */
export function secure(gate: Gate, socket: Socket, servername: string): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const options = servername === '' ? {} : { servername };
  const inner = tls.connect({ socket, ca: gate.caCertificate, ...options }, () => resolve(inner));
  inner.on('error', reject);
  return promise;
}
