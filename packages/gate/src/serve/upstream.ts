import type { Duplex } from 'node:stream';
import type { ApprovedArtifact } from '../artifact.ts';

/** Where the gate gets what it does not have. Credentials, host rules, retries and bounds are the implementation's. */
export interface Upstream {
  /**
   * The registry's document on a package, as parsed JSON; undefined: it knows none.
   * @param registry base URL
   * @throws LocksealError with a network code
   */
  packument(name: string, registry: string): Promise<unknown>;
  /**
   * Has the tarball read. `read` is called anew for each attempt and reads to the end; what it returns is handed back.
   * @throws LocksealError with a network code, or whatever `read` throws
   */
  tarball<T>(artifact: ApprovedArtifact, read: (body: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T>;
  /**
   * A connection to a host that the policy excepts.
   * @throws LocksealError
   */
  connect(host: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** Ends whatever is under way. */
  close(): void;
}
