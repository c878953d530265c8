import { createHash } from 'node:crypto';
import { asLocksealError, LocksealError } from '@lockseal/core';
import type { ApprovedArtifact } from '../artifact.ts';
import { DigestMismatch, heldBack } from '../store/held-back.ts';
import type { Spool } from '../store/spool.ts';
import { bodyOf, SMALL, type Body, type TarballStore } from '../store/tarball-store.ts';
import type { Upstream } from './upstream.ts';

/** What there is for a client that asks for an artifact. */
export type Obtained =
  | { readonly status: 'ready'; readonly from: 'store' | 'upstream'; readonly open: () => Body }
  /** Upstream serves other bytes; `found` is their sha512. */
  | { readonly status: 'mismatch'; readonly found: string }
  | { readonly status: 'unavailable'; readonly error: LocksealError };

/**
 * Gets tarballs from the store, or else from upstream, each once however many clients ask. Small ones are looked at
 * whole before anybody is given a byte; of large ones clients are given what has come so far, less the end.
 */
export class Fetcher {
  readonly #store: TarballStore;
  readonly #upstream: Upstream;
  readonly #onWarning: (message: string) => void;
  readonly #flights = new Map<string, Flight>();
  /** By the sha512 that was expected. Decided for the life of the gate: asking again would only find out the same. */
  readonly #mismatched = new Map<string, Obtained>();

  constructor(store: TarballStore, upstream: Upstream, onWarning: (message: string) => void) {
    this.#store = store;
    this.#upstream = upstream;
    this.#onWarning = onWarning;
  }

  /** Never throws. */
  obtain(artifact: ApprovedArtifact): Promise<Obtained> {
    const mismatched = this.#mismatched.get(artifact.sha512);
    if (mismatched !== undefined) return Promise.resolve(mismatched);
    return (this.#flights.get(artifact.sha512) ?? this.#start(artifact)).obtained;
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#flights.values()].map((flight) => flight.ended));
  }

  #start(artifact: ApprovedArtifact): Flight {
    const flight = new Flight();
    this.#flights.set(artifact.sha512, flight);
    flight.ended = this.#fly(artifact, flight).finally(() => this.#flights.delete(artifact.sha512));
    return flight;
  }

  async #fly(artifact: ApprovedArtifact, flight: Flight): Promise<void> {
    try {
      const stored = await this.#stored(artifact.sha512);
      if (stored !== undefined) return flight.offer(stored);
      const outcome = await this.#upstream.tarball(artifact, (body) => this.#receive(artifact.sha512, body, flight));
      if (outcome.status === 'mismatch') this.#mismatched.set(artifact.sha512, outcome);
      flight.offer(outcome);
    } catch (thrown) {
      flight.offer({ status: 'unavailable', error: asLocksealError(thrown) });
    }
  }

  async #stored(sha512: string): Promise<Obtained | undefined> {
    const open = await this.#tolerate('read', () => this.#store.find(sha512));
    return open && { status: 'ready', from: 'store', open };
  }

  /** One attempt, from its first byte. */
  async #receive(sha512: string, body: AsyncIterable<Uint8Array>, flight: Flight): Promise<Obtained> {
    const hash = createHash('sha512');
    const chunks: Uint8Array[] = [];
    let size = 0;
    let spool: Spool | undefined;
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        size += chunk.length;
        if (spool === undefined) chunks.push(chunk);
        else await write(spool, chunk);
        if (spool === undefined && size > SMALL) {
          spool = await this.#spill(sha512, chunks.splice(0), flight);
        }
      }
    } catch (error) {
      await spool?.abandon(error);
      flight.withdraw();
      throw error;
    }
    const found = hash.digest('hex');
    if (found === sha512) return this.#keep(sha512, spool ?? Buffer.concat(chunks), flight);
    await spool?.abandon(new DigestMismatch(found));
    flight.withdraw();
    return { status: 'mismatch', found };
  }

  /** From here on clients are given what is there. */
  async #spill(sha512: string, chunks: readonly Uint8Array[], flight: Flight): Promise<Spool> {
    const spool = await this.#store.spool().catch((cause: Error) => {
      throw unwritable(cause);
    });
    await write(spool, Buffer.concat(chunks));
    const open = (): Body => ({ length: undefined, chunks: heldBack(spool.follow(), sha512) });
    flight.offer({ status: 'ready', from: 'upstream', open });
    return spool;
  }

  async #keep(sha512: string, kept: Spool | Uint8Array, flight: Flight): Promise<Obtained> {
    if (!(kept instanceof Uint8Array)) {
      await this.#tolerate('written', () => this.#store.keep(kept, sha512));
      return flight.obtained;
    }
    const ready: Obtained = { status: 'ready', from: 'upstream', open: () => bodyOf(kept) };
    flight.offer(ready);
    await this.#tolerate('written', () => this.#store.put(sha512, kept));
    return ready;
  }

  /** No fault of the disk keeps right bytes from a client. */
  async #tolerate<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.#onWarning(`The gate's store cannot be ${what}: ${(error as Error).message}`);
      return undefined;
    }
  }
}

/** One artifact on its way; what is offered first counts until it is withdrawn. */
class Flight {
  ended: Promise<void> = Promise.resolve();
  #offered: PromiseWithResolvers<Obtained> = Promise.withResolvers();
  #isOffered = false;

  get obtained(): Promise<Obtained> {
    return this.#offered.promise;
  }

  offer(obtained: Obtained): void {
    this.#isOffered = true;
    this.#offered.resolve(obtained);
  }

  /** The attempt failed: whoever comes now waits for the next one. */
  withdraw(): void {
    if (!this.#isOffered) return;
    this.#isOffered = false;
    this.#offered = Promise.withResolvers();
  }
}

async function write(spool: Spool, bytes: Uint8Array): Promise<void> {
  await spool.write(bytes).catch((cause: Error) => {
    throw unwritable(cause);
  });
}

function unwritable(cause: Error): LocksealError {
  return new LocksealError('ERR_CACHE', `The tarball is too large to be held in memory, and cannot be written down.`, {
    found: cause.message,
    cause,
  });
}
