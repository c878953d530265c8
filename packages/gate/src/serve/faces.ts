import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseAuthority, sameAuthority, type Authority } from '@lockseal/core';
import type { Catalogue } from './catalogue.ts';
import type { Desk, Inquiry } from './desk.ts';
import { readQuestion } from './question.ts';
import type { Ledger } from './refusal.ts';
import { discardBody, sendRefusal, sendText } from './respond.ts';
import type { Token } from './token.ts';

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

export interface FacesParts {
  readonly token: Token;
  readonly catalogue: Catalogue;
  readonly desk: Desk;
  readonly ledger: Ledger;
  /** Where the gate itself is reached. */
  readonly own: () => Authority;
}

/** What a connection by CONNECT is for. */
interface Inside {
  readonly authority: Authority;
  readonly scheme: 'http' | 'https';
}

/**
 * Tells by which face a request came, and whether it may ask at all: below the secret path it comes to the registry face;
 * with a whole URL, or on a connection whose TLS ends here, to the proxy face.
 */
export class Faces {
  readonly #parts: FacesParts;
  /** Connections by CONNECT, and the host that each is for. */
  readonly #inside = new WeakMap<object, Inside>();

  constructor(parts: FacesParts) {
    this.#parts = parts;
  }

  /** From now on what comes on this connection is meant for the host. */
  enter(socket: object, authority: Authority, scheme: Inside['scheme']): void {
    this.#inside.set(socket, { authority, scheme });
  }

  isInside(socket: object): boolean {
    return this.#inside.has(socket);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '';
    const inside = this.#inside.get(request.socket);
    // Without chunks and their end such a client takes whatever came for the whole.
    if (request.httpVersion !== '1.1') return sendRefusal(response, 505, 'HTTP/1.1 is needed');
    if (hasSeveralHosts(request)) return sendRefusal(response, 400, 'a request names one host');
    if (inside !== undefined) return this.#answerInside(request, response, inside);
    if (target.startsWith('/')) return this.#answerBelowToken(request, response, target);
    return this.#answerProxied(request, response, target);
  }

  async #answerInside(
    request: IncomingMessage,
    response: ServerResponse,
    { authority, scheme }: Inside,
  ): Promise<void> {
    const target = request.url ?? '';
    const asked = `${request.method} ${scheme}://${request.headers.host ?? ''}${withoutQuery(target)}`;
    const port = scheme === 'https' ? HTTPS_PORT : HTTP_PORT;
    if (!isFor(request.headers.host, authority, port) || !target.startsWith('/')) {
      return this.#refuse(request, response, {
        status: 421,
        asked,
        detail: `This connection is for ${authority.host}`,
      });
    }
    return this.#answerFor(request, response, originOf(scheme, authority), target);
  }

  async #answerBelowToken(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const [, token, path] = /^\/([^/?]*)\/?(.*)$/s.exec(target) ?? [];
    if (!this.#parts.token.is(token)) {
      await discardBody(request);
      return sendText(response, 404, 'text/plain', 'not found\n');
    }
    return this.#answerAsGate(request, response, path ?? '');
  }

  /** @param path below the base URL of the registry face */
  #answerAsGate(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    // A container knows this machine by another name; whoever has the token may choose what its own answer says.
    const { host, port } = parseAuthority(request.headers.host ?? '', HTTP_PORT) ?? this.#parts.own();
    const base = `http://${host}:${port}/${this.#parts.token.text}/`;
    const asked = `${request.method} /${withoutQuery(path)}`;
    const inquiry: Inquiry = { request, response, asked, registry: undefined, base };
    return this.#parts.desk.answer(inquiry, readQuestion(withoutQuery(path)));
  }

  async #answerProxied(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const { token, catalogue } = this.#parts;
    if (!token.isIn(request.headers['proxy-authorization'])) {
      await discardBody(request);
      response.setHeader('proxy-authenticate', 'Basic realm="lockseal"');
      return sendRefusal(response, 407, 'the proxy needs its password');
    }
    const [, host = '', path = ''] = /^http:\/\/([^/?#]*)(.*)$/is.exec(target) ?? [];
    const authority = parseAuthority(host, HTTP_PORT);
    const asked = `${request.method} ${shown(target)}`;
    if (authority === undefined || !isFor(request.headers.host, authority, HTTP_PORT)) {
      const detail = 'The URL is not plain http, or its host is none or another than that of Host';
      return this.#refuse(request, response, { status: 400, asked, detail });
    }
    const [, given, rest = ''] = /^\/([^/?]*)\/?(.*)$/s.exec(path) ?? [];
    if (token.is(given)) return this.#answerAsGate(request, response, rest);
    // Some clients keep of the registry's URL the host alone.
    if (sameAuthority(authority, this.#parts.own())) {
      return this.#answerAsGate(request, response, path.replace(/^\//, ''));
    }
    const origin = originOf('http', authority);
    if (catalogue.origins.has(origin)) return this.#answerFor(request, response, origin, path === '' ? '/' : path);
    const detail = `No registry is at ${origin}; excepted hosts are let through by CONNECT alone`;
    return this.#refuse(request, response, { status: 403, asked, detail });
  }

  /** What a registry would be asked. @param target path and query */
  async #answerFor(request: IncomingMessage, response: ServerResponse, origin: string, target: string): Promise<void> {
    const { catalogue, desk } = this.#parts;
    const url = URL.parse(`${origin}${target}`);
    const asked = `${request.method} ${shown(`${origin}${target}`)}`;
    if (url === null) return this.#refuse(request, response, { status: 400, asked, detail: 'The URL cannot be read' });
    const registry = catalogue.baseOf(url);
    const inquiry: Inquiry = { request, response, asked, registry, base: registry ?? `${origin}/` };
    const artifact = catalogue.atUrl(url);
    if (artifact !== undefined && /^(?:GET|HEAD)$/.test(request.method ?? '')) return desk.tarball(inquiry, artifact);
    const path = `${url.origin}${url.pathname}`.slice(inquiry.base.length);
    return desk.answer(inquiry, registry === undefined ? { kind: 'unreadable' } : readQuestion(path));
  }

  async #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    { status, asked, detail }: { readonly status: number; readonly asked: string; readonly detail: string },
  ): Promise<void> {
    const subject = URL.parse(asked.replace(/^\S* /, ''))?.host ?? 'request';
    this.#parts.ledger.unapproved({ asked, subject, detail });
    await discardBody(request);
    sendRefusal(response, status, detail);
  }

  /** Bytes that are no request, or none that every reader reads alike. */
  unreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (!isLate && error.code?.startsWith('HPE_') !== true) return void socket.destroy();
    const detail = isLate ? 'A request did not arrive in time' : `A request cannot be read: ${error.code}`;
    this.#parts.ledger.unapproved({ asked: 'a request', subject: 'request', detail });
    const status = isLate ? '408 Request Timeout' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    socket.once('finish', () => socket.destroy());
  }

  crowded(most: number): void {
    const detail = `More than ${most} connections at once`;
    const what = { asked: 'a connection', subject: 'connection', detail };
    this.#parts.ledger.refuse({ kind: 'undecided', code: 'ERR_GATE', ...what });
  }
}

/** Whether a Host header means this authority. */
export function isFor(host: string | undefined, authority: Authority, defaultPort: number): boolean {
  const given = parseAuthority(host ?? '', defaultPort);
  return given !== undefined && sameAuthority(given, authority);
}

/** Node goes by the first, and tells nobody of the others. */
function hasSeveralHosts({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length > 1;
}

function originOf(scheme: 'http' | 'https', { host, port }: Authority): string {
  return URL.parse(`${scheme}://${host}:${port}`)?.origin ?? '';
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, '');
}

/** Without user, password and query. */
function shown(text: string): string {
  const url = URL.parse(text);
  return url === null || url.host === '' ? 'an unreadable URL' : `${url.protocol}//${url.host}${url.pathname}`;
}
