import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocksealError, type Authority, type RegistryMap } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';
import type { TarballStore } from '../store/tarball-store.ts';
import { CertificateAuthority } from '../tls/authority.ts';
import { Catalogue } from './catalogue.ts';
import { authorityHost, connect, type ConnectOptions } from './connect.ts';
import { Desk, type PathTo, type WhyNot } from './desk.ts';
import { Documents } from './documents.ts';
import { Faces } from './faces.ts';
import { Fetcher } from './fetcher.ts';
import { Ledger, type HandedOut, type Refusal, type ServedCounts } from './refusal.ts';
import { Token } from './token.ts';
import type { Upstream } from './upstream.ts';

/** Times in milliseconds, and how much at once. */
export interface GateLimits {
  /** For the head of a request to arrive. */
  readonly headers: number;
  /** For TLS to stand on a connection by CONNECT, however slowly a client says what. */
  readonly handshake: number;
  /** For a client to take nothing of an answer. */
  readonly stalled: number;
  /** Between two requests on one connection. */
  readonly idle: number;
  readonly connections: number;
}

export interface GateOptions {
  /** All that may go out. */
  readonly artifacts: readonly ApprovedArtifact[];
  readonly upstream: Upstream;
  readonly store: TarballStore;
  /** The registries as configured: requests to them through the proxy face are answered by the gate. */
  readonly registries: RegistryMap;
  /** What the proxy face lets through unseen: exactly these hosts, at these ports. */
  readonly allowHosts: readonly Authority[];
  /** Left out: a free one. */
  readonly port?: number | undefined;
  /** The address to listen at. Left out: 127.0.0.1. */
  readonly host?: string | undefined;
  /** Who declares a package of this name, for refusals of what is not locked. Left out: nobody knows. */
  readonly pathTo?: PathTo | undefined;
  /** What keeps a locked package from being approved, for its refusal. Left out: nobody knows. */
  readonly whyNot?: WhyNot | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called once for each different refusal, as it occurs. */
  readonly onRefusal?: ((refusal: Refusal) => void) | undefined;
  /** Called where the store cannot be used; the gate goes on. */
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly limits?: Partial<GateLimits> | undefined;
}

/** An open gate. Its URLs hold its secret; nothing else that it tells does. */
export interface Gate {
  /** The registry face: a base URL with a slash at its end. */
  readonly url: string;
  /** The proxy face, for http and https: `http://lockseal:<token>@127.0.0.1:<port>`. */
  readonly proxyUrl: string;
  readonly port: number;
  /** PEM of the authority that clients of the proxy face must trust; no secret. */
  readonly caCertificate: string;
  /** What was refused so far, each kind of request once. */
  readonly refusals: readonly Refusal[];
  /** How many different refusals more there were. */
  readonly unlistedRefusals: number;
  readonly served: ServedCounts;
  /** What clients got whole, in the order in which they first did. */
  readonly handedOut: readonly HandedOut[];
  /**
   * The bytes of an artifact as clients get them, for who is on this side of the gate; not counted as served.
   * @throws LocksealError with a network code, or where upstream serves other bytes
   */
  tarball(artifact: ApprovedArtifact): Promise<AsyncIterable<Uint8Array>>;
  /** Lets the proxy face through to further hosts from now on: when approved scripts run, and not while packages come in. */
  allow(hosts: readonly Authority[]): void;
  /** Destroys every connection and what is under way. */
  close(): Promise<void>;
}

const LIMITS: GateLimits = {
  headers: 20_000,
  handshake: 15_000,
  stalled: 60_000,
  idle: 30_000,
  connections: 1024,
};
const LOOPBACK = '127.0.0.1';
const MAX_HEADER = 32 * 1024;
/** How long closing waits for what is under way to notice. */
const CLOSING_MS = 3_000;

/**
 * Opens the loopback server through which a package manager gets approved bytes or nothing.
 * @throws LocksealError ERR_GATE where it cannot listen
 */
export async function openGate(options: GateOptions): Promise<Gate> {
  const catalogue = new Catalogue(options.artifacts, options.registries);
  const hosts = [...catalogue.origins].filter((origin) => origin.startsWith('https:'));
  const authority = new CertificateAuthority(
    hosts.map((origin) => authorityHost({ host: new URL(origin).hostname })),
    options.now(),
  );
  const gate = new GateServer(options, catalogue, authority);
  await gate.listen();
  return gate;
}

class GateServer implements Gate {
  readonly caCertificate: string;
  readonly #options: GateOptions;
  readonly #limits: GateLimits;
  readonly #token = new Token();
  readonly #ledger: Ledger;
  readonly #fetcher: Fetcher;
  readonly #faces: Faces;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();
  readonly #allowed: Authority[];
  #port = 0;

  constructor(options: GateOptions, catalogue: Catalogue, authority: CertificateAuthority) {
    const { store, upstream, now, onRefusal, onWarning } = options;
    this.#options = options;
    this.#allowed = [...options.allowHosts];
    this.#limits = { ...LIMITS, ...options.limits };
    this.caCertificate = authority.certificate;
    this.#ledger = new Ledger(now, this.#token.text, onRefusal);
    this.#fetcher = new Fetcher(store, upstream, onWarning ?? (() => undefined));
    const documents = new Documents(upstream);
    const { pathTo = () => undefined, whyNot = () => undefined } = options;
    const parts = { catalogue, documents, fetcher: this.#fetcher, ledger: this.#ledger, pathTo, whyNot };
    const desk = new Desk(parts, this.#limits.stalled);
    const own = (): Authority => this.#own;
    this.#faces = new Faces({ token: this.#token, catalogue, desk, ledger: this.#ledger, own });
    this.#server = createServer({
      requireHostHeader: true,
      insecureHTTPParser: false,
      maxHeaderSize: MAX_HEADER,
      headersTimeout: this.#limits.headers,
      requestTimeout: this.#limits.headers * 2,
      keepAliveTimeout: this.#limits.idle,
      connectionsCheckingInterval: Math.min(1000, this.#limits.headers),
    });
    this.#server.maxConnections = this.#limits.connections;
    this.#attach({
      token: this.#token,
      ledger: this.#ledger,
      origins: catalogue.origins,
      allowed: this.#allowed,
      upstream,
      authority,
      isInside: (socket) => this.#faces.isInside(socket),
      accept: (socket, host, scheme) => {
        this.#faces.enter(socket, host, scheme);
        this.#server.emit('connection', socket);
      },
      handshakeMs: this.#limits.handshake,
      signal: this.#closing.signal,
    });
  }

  allow(hosts: readonly Authority[]): void {
    this.#allowed.push(...hosts);
  }

  get url(): string {
    return `http://${this.#shown}/${this.#token.text}/`;
  }

  get proxyUrl(): string {
    return `http://lockseal:${this.#token.text}@${this.#shown}`;
  }

  get port(): number {
    return this.#port;
  }

  get refusals(): readonly Refusal[] {
    return this.#ledger.refusals;
  }

  get unlistedRefusals(): number {
    return this.#ledger.unlisted;
  }

  get served(): ServedCounts {
    return this.#ledger.counts;
  }

  get handedOut(): readonly HandedOut[] {
    return this.#ledger.handedOut;
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', (cause: Error) => {
      const at = `${this.#host}:${this.#options.port ?? 0}`;
      reject(new LocksealError('ERR_GATE', `The gate cannot listen at ${at}.`, { found: cause.message, cause }));
    });
    this.#server.listen(this.#options.port ?? 0, this.#host, resolve);
    await promise;
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async tarball(artifact: ApprovedArtifact): Promise<AsyncIterable<Uint8Array>> {
    const obtained = await this.#fetcher.obtain(artifact);
    switch (obtained.status) {
      case 'ready':
        return obtained.open().chunks;
      case 'unavailable':
        throw obtained.error;
      case 'mismatch':
        throw new LocksealError('ERR_RESPONSE_INVALID', 'The registry serves other bytes than were approved.', {
          file: artifact.lockedUrl,
          expected: `sha512 ${artifact.sha512}`,
          found: `sha512 ${obtained.found}`,
        });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#options.upstream.close();
    const settled = Promise.all([closed, this.#fetcher.settled()]);
    await Promise.race([settled, sleep(CLOSING_MS, undefined, { ref: false })]);
  }

  get #host(): string {
    return this.#options.host ?? LOOPBACK;
  }

  /** Where it is reached. */
  get #own(): Authority {
    // A colon tells an IPv6 address: to ask Node would take 4 ms of every start.
    return { host: this.#host.includes(':') ? `[${this.#host}]` : this.#host, port: this.#port };
  }

  get #shown(): string {
    return `${this.#own.host}:${this.#own.port}`;
  }

  #attach(connecting: ConnectOptions): void {
    const faces = this.#faces;
    this.#server
      .on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      })
      .on('request', (request: IncomingMessage, response: ServerResponse) => {
        faces.answer(request, response).catch((fault: unknown) => {
          this.#options.onWarning?.(`A fault of the gate: ${String(fault)}`);
          response.destroy();
        });
      })
      .on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        void connect(request, socket, head, connecting);
      })
      .on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => faces.unreadable(error, socket))
      .on('drop', () => faces.crowded(this.#limits.connections));
  }
}
