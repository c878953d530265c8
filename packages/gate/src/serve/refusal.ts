import type { ErrorCode } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';

/** Something that a client asked for and did not get. Texts are untrusted, and hold no secret. */
export type Refusal = {
  /** When it was first asked for: milliseconds since 1970. */
  readonly at: number;
  /** How often. */
  readonly times: number;
  /** Method and URL, without user, password, query and the token of this gate. */
  readonly asked: string;
  /** The program that asked first, as it calls itself: `npm/11.21.2, npm install`. Of a closed alphabet, and believed by nobody. */
  readonly by?: string | undefined;
  /** The package (`name` or `name@version`), or the host. */
  readonly subject: string;
  /** Of a package that is not locked as asked for: from an importer to who declares it, or to the version that is locked. */
  readonly path?: readonly string[] | undefined;
  /** The approved artifact that it is about; its `path` tells who depends on it. */
  readonly artifact?: ApprovedArtifact | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** One sentence. */
  readonly detail: string;
} & (
  | {
      readonly kind: 'finding';
      readonly code: 'gate-refused' | 'tarball-mismatch';
      /** note: a question to the registry by which no file could have come (an audit, a search). */
      readonly level: 'error' | 'note';
    }
  /** It is approved, and its bytes could not be had: nobody knows yet whether they are the right ones. */
  | { readonly kind: 'undecided'; readonly code: ErrorCode }
);

/** A tarball that a client got whole. */
export interface HandedOut {
  readonly artifact: ApprovedArtifact;
  /** Of the tarball. */
  readonly bytes: number;
}

/** What was handed out. */
export interface ServedCounts {
  /** Tarballs that went out whole, and of these those that were in the store. */
  readonly tarballs: number;
  readonly fromStore: number;
  readonly bytes: number;
  /** Packuments and version documents. */
  readonly documents: number;
  /** Connections to hosts that the policy excepts. */
  readonly tunnels: number;
}

/** Without what the ledger knows itself. */
export type NewRefusal = Refusal extends infer Each
  ? Each extends Refusal
    ? Omit<Each, 'at' | 'times'>
    : never
  : never;

/** Different refusals that are listed; whatever runs behind the gate can make more. */
const MAX_LISTED = 1000;
const MAX_TEXT = 500;

/** What was refused and what was handed out while the gate was open. */
export class Ledger {
  readonly #now: () => number;
  readonly #secret: string;
  readonly #onRefusal: ((refusal: Refusal) => void) | undefined;
  readonly #refusals = new Map<string, Refusal>();
  readonly #counts = { tarballs: 0, fromStore: 0, bytes: 0, documents: 0, tunnels: 0 };
  readonly #handedOut = new Map<ApprovedArtifact, HandedOut>();
  #unlisted = 0;

  /** @param secret what must not be told, wherever a client wrote it */
  constructor(now: () => number, secret: string, onRefusal?: (refusal: Refusal) => void) {
    this.#now = now;
    this.#secret = secret;
    this.#onRefusal = onRefusal;
  }

  /** In the order in which they first occurred. */
  get refusals(): readonly Refusal[] {
    return [...this.#refusals.values()];
  }

  /** How many more there were than are listed. */
  get unlisted(): number {
    return this.#unlisted;
  }

  get counts(): ServedCounts {
    return { ...this.#counts };
  }

  /** Artifacts that went out whole, in this order. */
  get handedOut(): readonly HandedOut[] {
    return [...this.#handedOut.values()];
  }

  /** Something was asked for that is not approved. */
  unapproved(
    about: Pick<Refusal, 'asked' | 'by' | 'subject' | 'path' | 'detail'>,
    level: 'error' | 'note' = 'error',
  ): void {
    this.refuse({ kind: 'finding', code: 'gate-refused', level, ...about });
  }

  refuse(refusal: NewRefusal): void {
    const { asked, subject, detail } = refusal;
    const told = (text: string): string => cut(text.replaceAll(this.#secret, '[token]'));
    const short = { ...refusal, asked: told(asked), subject: told(subject), detail: told(detail) };
    const key = JSON.stringify([short.code, short.asked, short.detail]);
    const known = this.#refusals.get(key);
    if (known === undefined && this.#refusals.size >= MAX_LISTED) {
      this.#unlisted += 1;
      if (!this.#makeRoom(weightOf(short))) return;
    }
    const listed: Refusal = { ...short, at: known?.at ?? this.#now(), times: (known?.times ?? 0) + 1 };
    this.#refusals.set(key, listed);
    if (known === undefined) this.#onRefusal?.(listed);
  }

  /** What weighs less goes: no number of notes hides a finding. */
  #makeRoom(weight: number): boolean {
    for (const [key, listed] of this.#refusals) if (weightOf(listed) < weight) return this.#refusals.delete(key);
    return false;
  }

  count(what: 'documents' | 'tunnels'): void {
    this.#counts[what] += 1;
  }

  /** The artifact went out whole: that it could not be had before is of no account. */
  tarball(artifact: ApprovedArtifact, from: 'store' | 'upstream', bytes: number): void {
    for (const [key, refusal] of this.#refusals) {
      if (refusal.kind === 'undecided' && refusal.artifact === artifact) this.#refusals.delete(key);
    }
    this.#handedOut.set(artifact, { artifact, bytes });
    this.#counts.tarballs += 1;
    this.#counts.bytes += bytes;
    if (from === 'store') this.#counts.fromStore += 1;
  }
}

/** By what it makes of a run: nothing, "could not decide", a failure. */
function weightOf(refusal: NewRefusal): number {
  if (refusal.kind === 'undecided') return 1;
  return refusal.level === 'note' ? 0 : 2;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
