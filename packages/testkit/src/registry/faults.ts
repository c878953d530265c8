import type { BundleJson } from '../sigstore/bundle.ts';
import { PUBLISH_PREDICATE } from '../sigstore/statements.ts';
import { tamperBundle, type Tamper } from '../sigstore/tamper.ts';
import type { Reply } from '../http/loopback-server.ts';

export type Route = 'packument' | 'version' | 'attestations' | 'keys' | 'tarball' | 'other';

/** Which answers a fault strikes; what is not said matches everything. */
export interface FaultMatch {
  readonly route?: Route | readonly Route[];
  readonly name?: string;
  readonly version?: string;
  /** How often it strikes. Default: always. */
  readonly times?: number;
}

/** What goes wrong. */
export type Fault =
  /** Documents come without `dist.signatures`. */
  | { readonly type: 'strip-signatures' }
  /** Documents do not announce attestations, and the attestations route answers 404. */
  | { readonly type: 'strip-attestations' }
  /** Bundles are damaged (see `tamperBundle`); `only` limits it to one kind of attestation. */
  | { readonly type: 'tamper-bundle'; readonly tamper: Tamper; readonly only?: 'publish' | 'provenance' }
  /** The document's integrity and shasum are of other bytes. */
  | { readonly type: 'wrong-digest' }
  /** Anything else that a registry could say: the parsed document goes in, what is served comes out. */
  | { readonly type: 'edit'; readonly edit: (document: unknown) => unknown }
  /** A tarball of other bytes; by default the right ones with the last byte flipped. */
  | { readonly type: 'other-bytes'; readonly bytes?: Uint8Array }
  /** 200, and a body that is no JSON. */
  | { readonly type: 'garbage'; readonly body?: string }
  /** An answer of this many bytes; `gzip` sends it compressed to a thousandth, under `content-encoding: gzip`. */
  | { readonly type: 'huge'; readonly bytes: number; readonly gzip?: boolean }
  | { readonly type: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** 429; `retryAfter` in seconds. */
  | { readonly type: 'rate-limit'; readonly retryAfter?: number }
  /** A redirect to this server under another path, or to the same path on another origin (`http://host:port`). */
  | { readonly type: 'redirect'; readonly to: 'same-host' | (string & {}); readonly status?: 301 | 302 | 307 | 308 }
  /** Nothing is ever answered. */
  | { readonly type: 'stall' }
  /** The body comes in pieces of `bytes`, one every `everyMs`. */
  | { readonly type: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** The connection is reset before any answer. */
  | { readonly type: 'reset' }
  /** The connection ends after `bytes` of the body, although more were announced. */
  | { readonly type: 'truncate'; readonly bytes: number };

export interface RequestKind {
  readonly route: Route;
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** A fault that strikes, and the one version that it was asked for, if any. */
export interface Struck {
  readonly fault: Fault;
  readonly version: string | undefined;
}

/** Faults in force, in the order in which they were asked for. */
export interface FaultTable {
  /** Returns a function that ends the fault. */
  add(match: FaultMatch, fault: Fault): () => void;
  /** Faults that strike a request; each is counted. */
  strike(request: RequestKind): readonly Struck[];
  clear(): void;
}

export function createFaultTable(): FaultTable {
  const active = new Set<{ readonly match: FaultMatch; readonly fault: Fault; left: number }>();
  return {
    add(match, fault) {
      const entry = { match, fault, left: match.times ?? Infinity };
      active.add(entry);
      return () => void active.delete(entry);
    },
    strike(request) {
      const struck = [...active].filter(({ match, left }) => left > 0 && matches(match, request));
      for (const entry of struck) entry.left -= 1;
      return struck.map(({ match, fault }) => ({ fault, version: match.version }));
    },
    clear: () => active.clear(),
  };
}

function matches(match: FaultMatch, request: RequestKind): boolean {
  const routes = match.route === undefined ? undefined : [match.route].flat();
  return (
    (routes === undefined || routes.includes(request.route)) &&
    (match.name === undefined || match.name === request.name) &&
    // A packument is about all versions; `damage` then keeps to the one that was asked for.
    (match.version === undefined || match.version === request.version || request.route === 'packument')
  );
}

/** An answer after a fault of content; faults of transport leave it as it is. */
export function damage(
  reply: Reply,
  { fault, version }: Struck,
  request: RequestKind,
  donor: (predicateType: string) => BundleJson | undefined,
): Reply {
  switch (fault.type) {
    case 'strip-signatures':
      return editDist(reply, request, version, (dist) => delete dist['signatures']);
    case 'strip-attestations':
      if (request.route === 'attestations')
        return { status: 404, body: '{"error":"Not found"}', contentType: JSON_TYPE };
      return editDist(reply, request, version, (dist) => delete dist['attestations']);
    case 'wrong-digest':
      return editDist(reply, request, version, (dist) => {
        dist['integrity'] = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
        dist['shasum'] = '07'.repeat(20);
      });
    case 'tamper-bundle':
      return request.route === 'attestations'
        ? editJson(reply, (document) => tamperAll(document, fault, donor))
        : reply;
    case 'edit':
      return editJson(reply, fault.edit);
    case 'other-bytes':
      return request.route === 'tarball' ? { ...reply, body: fault.bytes ?? lastByteFlipped(reply.body) } : reply;
    case 'garbage':
      return { ...reply, status: 200, body: fault.body ?? '<!doctype html><title>Sign in</title>' };
    case 'status':
      return { status: fault.status, body: '{"error":"fault"}', contentType: JSON_TYPE, headers: fault.headers ?? {} };
    case 'rate-limit': {
      const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      return { status: 429, body: '{"error":"Too many requests"}', contentType: JSON_TYPE, headers };
    }
    case 'huge':
    case 'redirect':
    case 'stall':
    case 'drip':
    case 'reset':
    case 'truncate':
      return reply;
  }
}

const JSON_TYPE = 'application/json';
type Dist = Record<string, unknown>;
type Document = { dist?: Dist; versions?: Record<string, { dist?: Dist }> };

function editJson(reply: Reply, edit: (document: unknown) => unknown): Reply {
  if (reply.status !== 200) return reply;
  const document: unknown = JSON.parse(Buffer.from(reply.body).toString());
  return { ...reply, body: JSON.stringify(edit(document)) };
}

function editDist(reply: Reply, { route }: RequestKind, only: string | undefined, edit: (dist: Dist) => void): Reply {
  if (route !== 'packument' && route !== 'version') return reply;
  return editJson(reply, (document) => {
    const { dist, versions = {} } = document as Document;
    if (dist !== undefined) edit(dist);
    for (const [version, listed] of Object.entries(versions)) {
      if (listed.dist !== undefined && (only === undefined || only === version)) edit(listed.dist);
    }
    return document;
  });
}

function tamperAll(
  document: unknown,
  fault: Extract<Fault, { type: 'tamper-bundle' }>,
  donor: (predicateType: string) => BundleJson | undefined,
): unknown {
  const { attestations } = document as { attestations: { predicateType: string; bundle: BundleJson }[] };
  return {
    attestations: attestations.map((attestation) => {
      const kind = attestation.predicateType === PUBLISH_PREDICATE ? 'publish' : 'provenance';
      if (fault.only !== undefined && fault.only !== kind) return attestation;
      return {
        ...attestation,
        bundle: tamperBundle(attestation.bundle, fault.tamper, donor(attestation.predicateType)),
      };
    }),
  };
}

function lastByteFlipped(body: Uint8Array | string): Buffer {
  const bytes = Buffer.from(body);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
}
