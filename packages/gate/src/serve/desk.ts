import type { IncomingMessage, ServerResponse } from 'node:http';
import { asLocksealError, canonicalTarballUrl, LocksealError, PUBLIC_REGISTRY } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';
import { DigestMismatch } from '../store/held-back.ts';
import { recordedUrl, type Catalogue } from './catalogue.ts';
import { renderPackument, renderVersion } from './cut-packument.ts';
import { clientOf } from './client.ts';
import type { Documents } from './documents.ts';
import type { Fetcher } from './fetcher.ts';
import type { Question } from './question.ts';
import type { Ledger } from './refusal.ts';
import { discardBody, headersOf, sendBody, sendRefusal, sendText } from './respond.ts';

/** A request as it reached the gate, by whichever face. */
export interface Inquiry {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Method and URL, without anything secret. */
  readonly asked: string;
  /** Base URL of the registry that the client means; undefined: the gate stands for all. */
  readonly registry: string | undefined;
  /** Base URL below which the client is to ask for tarballs. */
  readonly base: string;
}

/** From an importer to who declares a package of this name, or to what is locked of it; undefined: nobody does. */
export type PathTo = (name: string) => readonly string[] | undefined;

/** Why what the lockfile locks under this name is not approved; undefined: it is, or nothing is locked. */
export type WhyNot = (name: string) => string | undefined;

const JSON_TYPE = 'application/json';
/** npm's older clients know abbreviated packuments by this; what is served is a whole one of few versions. */
const ABBREVIATED = 'application/vnd.npm.install-v1+json';

interface Refused {
  /** Of the package that was asked for. */
  readonly name?: string;
  readonly level?: 'error' | 'note';
  readonly status?: number;
}

/** Answers questions that reached it: an approved artifact, or a refusal that is written down. */
export class Desk {
  readonly #catalogue: Catalogue;
  readonly #documents: Documents;
  readonly #fetcher: Fetcher;
  readonly #ledger: Ledger;
  readonly #pathTo: PathTo;
  readonly #whyNot: WhyNot;
  readonly #stalledMs: number;

  constructor(
    parts: {
      readonly catalogue: Catalogue;
      readonly documents: Documents;
      readonly fetcher: Fetcher;
      readonly ledger: Ledger;
      readonly pathTo: PathTo;
      readonly whyNot: WhyNot;
    },
    stalledMs: number,
  ) {
    this.#catalogue = parts.catalogue;
    this.#documents = parts.documents;
    this.#fetcher = parts.fetcher;
    this.#ledger = parts.ledger;
    this.#pathTo = parts.pathTo;
    this.#whyNot = parts.whyNot;
    this.#stalledMs = stalledMs;
  }

  async answer(inquiry: Inquiry, question: Question): Promise<void> {
    const { method } = inquiry.request;
    await discardBody(inquiry.request);
    if (method !== 'GET' && method !== 'HEAD') return this.#refuseMethod(inquiry, question);
    switch (question.kind) {
      case 'packument':
      case 'version':
        return this.#document(inquiry, question);
      case 'tarball': {
        const artifact = this.#catalogue.tarball(question.name, question.file, inquiry.registry);
        if (artifact !== undefined) return this.tarball(inquiry, artifact);
        const detail = `No tarball ${question.file} of ${question.name} is approved`;
        return this.#refuse(inquiry, question.name, detail, { name: question.name });
      }
      case 'service':
        return this.#refuse(inquiry, 'registry', 'The gate has no services of a registry', { level: 'note' });
      case 'unreadable':
        return this.#refuse(inquiry, 'registry', 'This is no address of a registry');
    }
  }

  /** Hands out the tarball, or says why not. */
  async tarball(inquiry: Inquiry, artifact: ApprovedArtifact): Promise<void> {
    const { request, response } = inquiry;
    if (request.method === 'HEAD') {
      response.writeHead(200, headersOf(undefined)).end();
      return;
    }
    const obtained = await this.#fetcher.obtain(artifact);
    switch (obtained.status) {
      case 'mismatch':
        return this.#mismatch(inquiry, artifact, obtained.found);
      case 'unavailable':
        return this.#undecided(inquiry, artifact, obtained.error);
      case 'ready':
    }
    try {
      const sent = await sendBody(response, obtained.open(), this.#stalledMs);
      if (sent !== undefined) this.#ledger.tarball(artifact, obtained.from, sent);
    } catch (thrown) {
      if (thrown instanceof DigestMismatch && obtained.from === 'upstream') {
        this.#mismatch(inquiry, artifact, thrown.found);
      } else this.#undecided(inquiry, artifact, brokenOff(thrown));
    }
  }

  async #document(inquiry: Inquiry, question: Extract<Question, { kind: 'packument' | 'version' }>): Promise<void> {
    const { name } = question;
    const locked = this.#catalogue.versions(name, inquiry.registry);
    const [first] = locked.values();
    if (first === undefined) return this.#refuse(inquiry, name, `No version of ${name} is approved`, { name });
    try {
      const registry = first.registry ?? PUBLIC_REGISTRY;
      const own = new Map([...locked].filter(([, artifact]) => artifact.registry === first.registry));
      const cut = await this.#documents.find(name, registry, own);
      if (cut === undefined) throw notListed(name, registry);
      const urlOf = (artifact: ApprovedArtifact): string => tarballUrl(artifact, inquiry);
      if (question.kind === 'packument') return this.#send(inquiry, renderPackument(cut, urlOf));
      const text = renderVersion(cut, question.version, urlOf);
      if (text !== undefined) return this.#send(inquiry, text);
      const subject = `${name}@${question.version}`;
      const detail = `${subject} is not approved; the lockfile has ${listOf(locked)}`;
      return this.#refuse(inquiry, subject, detail, { name });
    } catch (thrown) {
      this.#undecided(inquiry, first, asLocksealError(thrown));
    }
  }

  #send({ request, response }: Inquiry, text: string): void {
    this.#ledger.count('documents');
    const type = request.headers.accept?.includes(ABBREVIATED) === true ? ABBREVIATED : JSON_TYPE;
    sendText(response, 200, type, text);
  }

  #refuseMethod(inquiry: Inquiry, question: Question): void {
    const { method, url = '' } = inquiry.request;
    // The manager asks for advisories unbidden, and goes on without.
    const isAudit = method === 'POST' && question.kind === 'service' && /\/-\/npm\/v1\/security\//.test(url);
    const level = isAudit ? 'note' : 'error';
    const detail = `The gate takes nothing: ${method} is not answered`;
    this.#refuse(inquiry, 'registry', detail, { level, status: isAudit ? 404 : 405 });
  }

  #refuse({ request, response, asked }: Inquiry, subject: string, detail: string, how: Refused = {}): void {
    const { name, level, status = 404 } = how;
    const path = name === undefined ? undefined : this.#pathTo(name);
    const why = name === undefined ? undefined : this.#whyNot(name);
    const told = why === undefined ? detail : `${detail}: ${why}`;
    this.#ledger.unapproved({ asked, by: clientOf(request), subject, path, detail: told }, level);
    sendRefusal(response, status, told);
  }

  #mismatch(inquiry: Inquiry, artifact: ApprovedArtifact, found: string): void {
    const subject = subjectOf(artifact);
    const detail = `The registry serves other bytes for ${subject} than were approved`;
    const digests = { expected: `sha512 ${artifact.sha512}`, found: `sha512 ${found}` };
    const { asked } = inquiry;
    this.#ledger.refuse({
      kind: 'finding',
      code: 'tarball-mismatch',
      level: 'error',
      asked,
      subject,
      detail,
      artifact,
      ...digests,
    });
    if (!inquiry.response.headersSent) sendRefusal(inquiry.response, 403, detail);
  }

  #undecided(inquiry: Inquiry, artifact: ApprovedArtifact, error: LocksealError): void {
    const subject = subjectOf(artifact);
    const { expected, found } = error.details;
    const detail = `${subject} is approved, and could not be had: ${error.message}`;
    const { asked } = inquiry;
    this.#ledger.refuse({ kind: 'undecided', code: error.code, asked, subject, detail, artifact, expected, found });
    // Upstream was asked again already: an answer that makes clients try again would only take their time.
    if (!inquiry.response.headersSent) sendRefusal(inquiry.response, 424, detail);
  }
}

/** Whoever asks the gate by its own URL need not come by the proxy face, so an address elsewhere would lead past it. */
function tarballUrl(artifact: ApprovedArtifact, { registry, base }: Inquiry): string {
  const recorded = registry === undefined ? undefined : recordedUrl(artifact);
  return recorded ?? canonicalTarballUrl(base, artifact.name, artifact.version ?? '');
}

function subjectOf({ name, version, lockedUrl }: ApprovedArtifact): string {
  return version === undefined ? `${name} (${lockedUrl ?? 'no address'})` : `${name}@${version}`;
}

function listOf(locked: ReadonlyMap<string, unknown>): string {
  return [...locked.keys()].slice(0, 5).join(', ');
}

function notListed(name: string, registry: string): LocksealError {
  return new LocksealError('ERR_RESPONSE_INVALID', `${registry} lists no locked version of ${name}.`);
}

/** A client that went away is no fault of anybody; a damaged entry of the store is gone when it is asked for again. */
function brokenOff(thrown: unknown): LocksealError {
  if (thrown instanceof LocksealError) return thrown;
  return new LocksealError('ERR_CACHE', `What the store has of it is damaged: ${(thrown as Error).message}`);
}
