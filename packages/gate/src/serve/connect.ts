import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { asLocksealError, isAddress, parseAuthority, sameAuthority, type Authority } from '@lockseal/core';
import type { AuthorityHost, CertificateAuthority } from '../tls/authority.ts';
import { isFor } from './faces.ts';
import type { Ledger } from './refusal.ts';
import type { Token } from './token.ts';
import { openTunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';

const HTTPS_PORT = 443;

export interface ConnectOptions {
  readonly token: Token;
  readonly ledger: Ledger;
  /** Origins that the gate answers for. */
  readonly origins: ReadonlySet<string>;
  readonly allowed: readonly Authority[];
  readonly upstream: Upstream;
  readonly authority: CertificateAuthority;
  /** Whether a connection is itself one by CONNECT. */
  readonly isInside: (socket: object) => boolean;
  /** Takes a connection whose TLS ends here, or that has none, and the host that it is meant for. */
  readonly accept: (socket: Duplex, authority: Authority, scheme: 'http' | 'https') => void;
  /** For TLS to stand. */
  readonly handshakeMs: number;
  /** Aborted when the gate closes. */
  readonly signal: AbortSignal;
}

/** CONNECT: ended here for registries, let through to hosts that the policy excepts, refused to everything else. */
export async function connect(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: ConnectOptions,
): Promise<void> {
  // Whoever goes away in between is gone: nothing is owed.
  socket.on('error', () => socket.destroy());
  if (!options.token.isIn(request.headers['proxy-authorization'])) return endWith(socket, 407);
  const asked = request.url ?? '';
  const authority = parseAuthority(asked);
  const { host } = request.headers;
  const isClear = authority !== undefined && (host === undefined || isFor(host, authority, HTTPS_PORT));
  if (!isClear || options.isInside(request.socket)) {
    return refuse(socket, 400, asked, 'CONNECT names no host, or another one than Host', options);
  }
  const origin = URL.parse(`https://${authority.host}:${authority.port}`)?.origin ?? '';
  if (options.origins.has(origin)) return intercept(socket, head, authority, options);
  // Some clients (pnpm 11, Yarn 4) ask by CONNECT for registries without TLS as well.
  const plain = URL.parse(`http://${authority.host}:${authority.port}`)?.origin ?? '';
  if (options.origins.has(plain)) {
    establish(socket, head);
    return options.accept(socket, authority, 'http');
  }
  if (options.allowed.some((each) => sameAuthority(each, authority))) return pass(socket, head, authority, options);
  return refuse(socket, 403, asked, `No policy excepts ${authority.host}:${authority.port}`, options);
}

/** As certificates name it. */
export function authorityHost(authority: Pick<Authority, 'host'>): AuthorityHost {
  return { name: authority.host.replace(/^\[|\]$/g, ''), isAddress: isAddress(authority.host) };
}

function intercept(socket: Duplex, head: Buffer, authority: Authority, options: ConnectOptions): void {
  const host = authorityHost(authority);
  const context = options.authority.contextFor(host);
  establish(socket, head);
  const secure = new TLSSocket(socket as ConstructorParameters<typeof TLSSocket>[0], {
    isServer: true,
    secureContext: context,
    ALPNProtocols: ['http/1.1'],
    // The name that the client greets with must be the one that it asked the proxy for.
    SNICallback: (name, done) => {
      if (name.toLowerCase() === host.name) return done(null, context);
      note(options, name, `The name in TLS differs from the host of CONNECT, ${host.name}`);
      done(new Error('another name'));
    },
  });
  const timer = setTimeout(() => secure.destroy(), options.handshakeMs);
  secure.on('close', () => clearTimeout(timer));
  secure.on('error', () => secure.destroy());
  secure.once('secure', () => {
    clearTimeout(timer);
    if (!secure.destroyed) options.accept(secure, authority, 'https');
  });
}

function establish(socket: Duplex, head: Buffer): void {
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  if (head.length > 0) socket.unshift(head);
}

async function pass(socket: Duplex, head: Buffer, authority: Authority, options: ConnectOptions): Promise<void> {
  const { upstream, ledger, signal } = options;
  try {
    const remote = await upstream.connect(authority.host, authority.port, signal);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    remote.write(head);
    ledger.count('tunnels');
    openTunnel(socket, remote);
  } catch (thrown) {
    const { code, message, details } = asLocksealError(thrown);
    const subject = `${authority.host}:${authority.port}`;
    const { expected, found } = details;
    ledger.refuse({ kind: 'undecided', code, asked: `CONNECT ${subject}`, subject, detail: message, expected, found });
    endWith(socket, 502);
  }
}

function refuse(socket: Duplex, status: 400 | 403, asked: string, detail: string, options: ConnectOptions): void {
  note(options, asked, detail);
  endWith(socket, status);
}

function note({ ledger }: ConnectOptions, host: string, detail: string): void {
  // What stands before an @ may be secret.
  const subject = host.slice(host.lastIndexOf('@') + 1);
  ledger.unapproved({ asked: `CONNECT ${subject}`, subject, detail });
}

const REASONS = {
  400: 'Bad Request',
  403: 'Forbidden',
  407: 'Proxy Authentication Required',
  502: 'Bad Gateway',
} as const;

function endWith(socket: Duplex, status: keyof typeof REASONS): void {
  const challenge = status === 407 ? 'Proxy-Authenticate: Basic realm="lockseal"\r\n' : '';
  // Half-closed is not enough: the other side need not close its half.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\n${challenge}Content-Length: 0\r\nConnection: close\r\n\r\n`);
}
