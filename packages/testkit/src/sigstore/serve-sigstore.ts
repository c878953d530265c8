import type { IncomingMessage } from 'node:http';
import { json, listen, readBody, type Reply } from '../http/loopback-server.ts';
import { deliver } from '../registry/deliver.ts';
import { issueCertificate } from './fulcio-api.ts';
import type { Build } from './identity.ts';
import { createTokenIssuer, type TokenIssuer } from './oidc.ts';
import { createEntryV1, createEntryV2 } from './rekor-api.ts';
import { createServiceFaults, damageAnswer, type ServiceFault, type SigstoreService } from './service-faults.ts';
import type { Services } from './signing.ts';
import type { JsonObject } from './trusted-root.ts';
import { createTufRepository, type TufRepository } from './tuf-repository.ts';

/** A Sigstore instance that answers over HTTP on loopback. */
export interface SigstoreServer {
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  readonly rekorV2Url: string;
  /** The whole URL of the timestamp endpoint. */
  readonly tsaUrl: string;
  /** Base URL of the TUF repository. */
  readonly tufUrl: string;
  /** What GitHub gives a job as ACTIONS_ID_TOKEN_REQUEST_URL; any bearer token is accepted. */
  readonly oidcRequestUrl: string;
  /** Root metadata, to begin trusting the TUF repository with; and knobs for its rotation and expiry. */
  readonly tuf: TufRepository;
  /** protobuf-specs SigningConfig as JSON, naming the given generation of Rekor (default 1) and the TSA. */
  signingConfig(rekor?: 1 | 2): JsonObject;
  /** An identity token of a GitHub Actions job. */
  buildToken(build?: Partial<Build>): string;
  /** An identity token of a person. */
  emailToken(email: string, issuer?: string): string;
  /** Makes a service fail from now on; returns a function that ends the fault. */
  addFault(service: SigstoreService, fault: ServiceFault): () => void;
  close(): Promise<void>;
}

type Route = (request: IncomingMessage) => Promise<Reply> | Reply;

/** @param targets the TUF targets by name, read at each refresh of the repository */
export async function serveSigstore(
  services: Services,
  targets: () => ReadonlyMap<string, Buffer>,
): Promise<SigstoreServer> {
  const issuer = createTokenIssuer(services.clock);
  const tuf = createTufRepository(targets, services.clock);
  const routes = routesOf(services, issuer);
  const faults = createServiceFaults();
  const server = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://loopback');
    const route = routes.get(`${request.method} ${pathname}`);
    const struck = faults.of(pathname);
    const genuine = route === undefined ? tufReply(tuf, pathname) : await answer(route, request);
    await deliver(request, response, damageAnswer(genuine, struck), struck);
  });
  const urls = {
    fulcioUrl: `${server.url}/fulcio`,
    rekorUrl: `${server.url}/rekor`,
    rekorV2Url: `${server.url}/rekor-v2`,
    tsaUrl: `${server.url}/tsa/api/v1/timestamp`,
    tufUrl: `${server.url}/tuf`,
  };
  return {
    ...urls,
    oidcRequestUrl: `${server.url}/oidc/token?api-version=2.0`,
    tuf,
    signingConfig: (rekor = 1) => signingConfig(urls, rekor),
    buildToken: (build) => issuer.buildToken(build),
    emailToken: (email, iss) => issuer.emailToken(email, iss),
    addFault: (service, fault) => faults.add(service, fault),
    close: () => server.close(),
  };
}

function routesOf(services: Services, issuer: TokenIssuer): ReadonlyMap<string, Route> {
  const created = (make: (body: string) => unknown): Route => {
    return async (request) => json(make(await readBody(request)), 201);
  };
  return new Map<string, Route>([
    ['POST /fulcio/api/v2/signingCert', created((body) => issueCertificate(services, issuer, body))],
    ['POST /rekor/api/v1/log/entries', created((body) => createEntryV1(services, body))],
    ['POST /rekor-v2/api/v2/log/entries', created((body) => createEntryV2(services, body))],
    ['POST /tsa/api/v1/timestamp', async (request) => timestamp(services, await readBody(request))],
    ['GET /oidc/token', (request) => idToken(issuer, request)],
  ]);
}

/** What a service refuses, it refuses with 400 and the reason. */
async function answer(route: Route, request: IncomingMessage): Promise<Reply> {
  try {
    return await route(request);
  } catch (error) {
    return json({ code: 400, message: error instanceof Error ? error.message : String(error) }, 400);
  }
}

function timestamp(services: Services, body: string): Reply {
  const request = JSON.parse(body) as {
    readonly artifactHash: string;
    readonly hashAlgorithm: string;
    readonly nonce?: number;
    readonly certificates?: boolean;
  };
  if (request.hashAlgorithm.toLowerCase() !== 'sha256') throw new Error('only sha256 is timestamped here');
  const token = services.timestampAuthority.timestamp({
    digest: Buffer.from(request.artifactHash, 'base64'),
    at: services.clock(),
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.certificates === undefined ? {} : { certificates: request.certificates }),
  });
  return { status: 201, body: token, contentType: 'application/timestamp-reply' };
}

function idToken(issuer: TokenIssuer, request: IncomingMessage): Reply {
  if (request.headers.authorization === undefined) return json({ message: 'a bearer token is needed' }, 401);
  return json({ value: issuer.buildToken() });
}

function tufReply(tuf: TufRepository, pathname: string): Reply {
  const body = pathname.startsWith('/tuf/') ? tuf.file(decodeURIComponent(pathname.slice(5))) : undefined;
  return body === undefined
    ? { status: 404, body: 'not found' }
    : { status: 200, body, contentType: 'application/json' };
}

function signingConfig(
  urls: Pick<SigstoreServer, 'fulcioUrl' | 'rekorUrl' | 'rekorV2Url' | 'tsaUrl'>,
  rekor: 1 | 2,
): JsonObject {
  const service = (url: string, majorApiVersion: number): JsonObject => ({
    url,
    majorApiVersion,
    validFor: { start: '2021-01-01T00:00:00Z' },
    operator: 'sigstore.test',
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(urls.fulcioUrl, 1)],
    rekorTlogUrls: [service(rekor === 1 ? urls.rekorUrl : urls.rekorV2Url, rekor)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [service(urls.tsaUrl, 1)],
    tsaConfig: { selector: 'ANY' },
  };
}
