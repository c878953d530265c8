import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { json, listen, type Reply } from '../http/loopback-server.ts';
import type { BundleJson } from '../sigstore/bundle.ts';
import { deliver, REDIRECTED } from './deliver.ts';
import { attestationsDocument, packument, versionDocument } from './documents.ts';
import { damage, type FaultTable, type RequestKind, type Route } from './faults.ts';
import type { Published, Shelf } from './published.ts';

/** A request as it came in; `status` is what was answered, undefined while (or because) nothing was. */
export interface LoggedRequest extends RequestKind {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly status: number | undefined;
}

/** The registry over HTTP on loopback. */
export interface RegistryServer {
  /** Base URL with a trailing slash. */
  readonly url: string;
  /** All requests since the server was opened, in order. */
  readonly requests: readonly LoggedRequest[];
  close(): Promise<void>;
}

/** What a server shows. */
export interface Served {
  readonly shelf: Shelf;
  readonly faults: FaultTable;
  /** The answer to `/-/npm/v1/keys`; undefined: 404. */
  keys(): object | undefined;
  /** The bearer token that every request must carry; undefined: none. */
  token(): string | undefined;
}

const ABBREVIATED_TYPE = 'application/vnd.npm.install-v1+json';
const NOT_FOUND: Reply = json({ error: 'Not found' }, 404);

export async function serveRegistry(served: Served): Promise<RegistryServer> {
  const requests: LoggedRequest[] = [];
  const server = await listen(async (request, response) => {
    const kind = kindOf(request);
    const logged = { ...kind, method: request.method ?? '', url: request.url ?? '', headers: request.headers };
    const index = requests.push({ ...logged, status: undefined }) - 1;
    response.on('finish', () => (requests[index] = { ...logged, status: response.statusCode }));
    const redirected = request.url?.startsWith(REDIRECTED) === true;
    const struck = served.faults.strike(kind).filter(({ fault }) => !redirected || fault.type !== 'redirect');
    const genuine = answer(served, request, kind, `${server.url}/`);
    const donor = (predicateType: string): BundleJson | undefined => donorOf(served.shelf, kind, predicateType);
    const damaged = struck.reduce((reply, each) => damage(reply, each, kind, donor), genuine);
    const faults = struck.map(({ fault }) => fault);
    await deliver(request, response, conditional(request, damaged), faults);
  });
  return { url: `${server.url}/`, requests, close: () => server.close() };
}

/** What the path asks for; a path that is none of the registry's is `other`. */
function kindOf(request: IncomingMessage): RequestKind {
  const { pathname } = new URL(request.url ?? '/', 'http://loopback');
  const path = decodeURIComponent(pathname.startsWith(`${REDIRECTED}/`) ? pathname.slice(REDIRECTED.length) : pathname);
  const [, attested] = /^\/-\/npm\/v1\/attestations\/(.+)$/.exec(path) ?? [];
  if (attested !== undefined) {
    const at = attested.lastIndexOf('@');
    return { route: 'attestations', name: attested.slice(0, at), version: attested.slice(at + 1) };
  }
  if (path === '/-/npm/v1/keys') return { route: 'keys', name: undefined, version: undefined };
  if (path.startsWith('/-/')) return { route: 'other', name: undefined, version: undefined };
  const [, name, rest] = /^\/(@[^/]+\/[^/]+|[^/@][^/]*)(?:\/(.+))?$/.exec(path) ?? [];
  if (name === undefined) return { route: 'other', name: undefined, version: undefined };
  if (rest === undefined) return { route: 'packument', name, version: undefined };
  const base = name.slice(name.indexOf('/') + 1);
  const tarball = rest.startsWith(`-/${base}-`) && rest.endsWith('.tgz');
  if (tarball) return { route: 'tarball', name, version: rest.slice(base.length + 3, -'.tgz'.length) };
  return { route: 'version', name, version: rest };
}

function answer(served: Served, request: IncomingMessage, kind: RequestKind, base: string): Reply {
  const token = served.token();
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
    return { ...json({ error: 'You must be logged in' }, 401), headers: { 'www-authenticate': 'Bearer' } };
  }
  const abbreviated = request.headers.accept?.includes(ABBREVIATED_TYPE) === true;
  return answers[kind.route](served, kind, base, abbreviated) ?? NOT_FOUND;
}

type Answer = (served: Served, kind: RequestKind, base: string, abbreviated: boolean) => Reply | undefined;

const answers: Readonly<Record<Route, Answer>> = {
  packument({ shelf }, { name = '' }, base, abbreviated) {
    const latest = shelf.best(name, 'latest');
    if (latest === undefined) return undefined;
    const reply = json(packument(shelf.versions(name), latest, base, abbreviated));
    return abbreviated ? { ...reply, contentType: ABBREVIATED_TYPE } : reply;
  },
  version(served, kind, base) {
    const published = kind.version === 'latest' ? served.shelf.best(kind.name ?? '', 'latest') : find(served, kind);
    return published && json(versionDocument(published, base));
  },
  attestations(served, kind) {
    const published = find(served, kind);
    return published && published.attestations.length > 0 ? json(attestationsDocument(published)) : undefined;
  },
  keys(served) {
    const document = served.keys();
    return document && json(document);
  },
  tarball(served, kind) {
    const published = find(served, kind);
    return published && { status: 200, body: published.tarball, contentType: 'application/octet-stream' };
  },
  // Pings and audits: npm asks for advisories unbidden, and there are none.
  other: () => json({}),
};

function find({ shelf }: Served, { name = '', version = '' }: RequestKind): Published | undefined {
  return shelf.get(name, version);
}

/** A bundle of the same kind of some other version. */
function donorOf(shelf: Shelf, { name, version }: RequestKind, predicateType: string): BundleJson | undefined {
  for (const other of shelf.all()) {
    if (other.name === name && other.version === version) continue;
    const attestation = other.attestations.find((each) => each.predicateType === predicateType);
    if (attestation !== undefined) return attestation.bundle;
  }
  return undefined;
}

/** Gives a full answer its ETag, and answers 304 to whoever has it already. */
function conditional(request: IncomingMessage, reply: Reply): Reply {
  if (reply.status !== 200) return reply;
  const etag = `"${createHash('sha256').update(reply.body).digest('base64url').slice(0, 27)}"`;
  if (request.headers['if-none-match'] === etag) return { status: 304, body: '', headers: { etag } };
  return { ...reply, headers: { ...reply.headers, etag, 'cache-control': 'public, max-age=300' } };
}
