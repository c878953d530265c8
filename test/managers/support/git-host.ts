// A git host by https, `git.example`, that is reached through a proxy: the gate connects to no loopback address by itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { CertificateAuthority } from '../../../packages/gate/src/tls/authority.ts';

const HOST = { name: 'git.example', isAddress: false };

export interface GitHost {
  /** `https://git.example/`, below which the repositories of the folder lie. */
  readonly url: string;
  /** For `https_proxy`; leads to this host, and to nothing else. */
  readonly proxyUrl: string;
  /** PEM. */
  readonly authority: string;
  close(): void;
}

/** @param folder absolute path of a folder of repositories, all of which are served */
export async function openGitHost(folder: string): Promise<GitHost> {
  const authority = new CertificateAuthority([HOST], Date.now());
  const sockets = new Set<Socket>();
  const host = http.createServer((request, response) => serveRepository(folder, request, response));
  const proxy = http.createServer((_, response) => void response.writeHead(403).end());
  proxy.on('connect', (request: http.IncomingMessage, socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (request.url !== `${HOST.name}:443`) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const inside = new TLSSocket(socket, { isServer: true, secureContext: authority.contextFor(HOST) });
    host.emit(
      'connection',
      inside.on('error', () => undefined),
    );
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://${HOST.name}/`,
    proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    authority: authority.certificate,
    close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

/** By git's own program for it, git-http-backend(1): CGI. */
function serveRepository(folder: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '', 'https://git.example');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const env = {
    PATH: ['/usr/bin', '/bin'].join(path.delimiter),
    GIT_PROJECT_ROOT: folder,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: header('git-protocol'),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    REQUEST_METHOD: request.method ?? '',
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: header('content-type'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    REMOTE_ADDR: '127.0.0.1',
  };
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  request.pipe(child.stdin.on('error', () => undefined));
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
  child.on('close', () => answer(Buffer.concat(chunks), response));
}

function answer(output: Buffer, response: http.ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const [name = '', value = ''] = line.split(': ', 2);
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}
