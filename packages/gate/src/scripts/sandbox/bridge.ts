import { createServer, request, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { parseAuthority, sameAuthority } from '@lockseal/core';

/** The proxy through which alone a script reaches anything: the gate's. */
export interface UpstreamProxy {
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization; scripts never see it. */
  readonly authorization: string | undefined;
}

export interface Bridge {
  /** Port on 127.0.0.1, where it does not listen on a socket in the file system. */
  readonly port: number | undefined;
  /** Hosts that were asked for and refused, as asked; sorted, bounded. Untrusted text. */
  refused(): readonly string[];
  close(): Promise<void>;
}

const MOST_REFUSED = 100;
const MOST_CONNECTIONS = 64;

/**
 * Opens the way out of one script: a proxy that lets it through to the hosts that the policy names for it, over the gate's
 * proxy, which has its own list.
 * @param socketPath of the socket that the sandbox sees; undefined: 127.0.0.1, for a script that no sandbox holds
 */
export async function openBridge(
  hosts: readonly string[],
  upstream: UpstreamProxy,
  socketPath: string | undefined,
): Promise<Bridge> {
  const known = hosts.flatMap((host) => parseAuthority(host, HTTPS) ?? []);
  const refused = new Set<string>();
  const sockets = new Set<Duplex>();
  const isAllowed = (asked: string, defaultPort: number): boolean => {
    const host = parseAuthority(asked, defaultPort);
    const allowed = host !== undefined && known.some((each) => sameAuthority(each, host));
    if (!allowed && refused.size < MOST_REFUSED) refused.add(asked.slice(0, 300));
    return allowed;
  };
  const server = createServer((incoming, response) => passRequest(incoming, response, upstream, isAllowed));
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('connect', (incoming, socket, head) => passTunnel({ incoming, socket, head }, upstream, isAllowed));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  const port = socketPath === undefined ? (server.address() as AddressInfo).port : undefined;
  return {
    port,
    refused: () => [...refused].toSorted(),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const HTTPS = 443;
const HTTP = 80;

type IsAllowed = (host: string, defaultPort: number) => boolean;

function passRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  upstream: UpstreamProxy,
  isAllowed: IsAllowed,
): void {
  const url = URL.parse(incoming.url ?? '');
  if (url?.protocol !== 'http:' || !isAllowed(url.host, HTTP)) {
    response.writeHead(403).end('The policy does not let this script reach that host.\n');
    return;
  }
  const outgoing = request({ ...towards(upstream), method: incoming.method, path: url.href }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && !name.startsWith('proxy-')) outgoing.setHeader(name, value);
  }
  if (upstream.authorization !== undefined) outgoing.setHeader('proxy-authorization', upstream.authorization);
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}

interface Tunnel {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function passTunnel({ incoming, socket, head }: Tunnel, upstream: UpstreamProxy, isAllowed: IsAllowed): void {
  const host = incoming.url ?? '';
  socket.on('error', () => socket.destroy());
  if (!isAllowed(host, HTTPS)) {
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    return;
  }
  const headers = upstream.authorization === undefined ? {} : { 'proxy-authorization': upstream.authorization };
  const outgoing = request({ ...towards(upstream), method: 'CONNECT', path: host, headers: { host, ...headers } });
  outgoing.on('error', () => socket.destroy());
  outgoing.on('response', ({ statusCode = 502 }) => {
    socket.end(`HTTP/1.1 ${statusCode} Refused\r\n\r\n`);
  });
  outgoing.on('connect', (answer, through: Socket, first) => {
    if (answer.statusCode !== 200) {
      socket.end(`HTTP/1.1 ${answer.statusCode ?? 502} Refused\r\n\r\n`);
      through.destroy();
      return;
    }
    join(socket, through, [head, first]);
  });
  outgoing.end();
}

function join(socket: Duplex, through: Socket, [head, first]: readonly [Buffer, Buffer]): void {
  through.on('error', () => through.destroy());
  through.on('close', () => socket.destroy());
  socket.on('close', () => through.destroy());
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  socket.write(first);
  through.write(head);
  socket.pipe(through);
  through.pipe(socket);
}

function towards({ host, port }: UpstreamProxy): RequestOptions {
  return { host, port, agent: false };
}
