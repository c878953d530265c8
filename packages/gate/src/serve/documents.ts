import type { ApprovedArtifact } from '../artifact.ts';
import { cutPackument, type CutPackument } from './cut-packument.ts';
import type { Upstream } from './upstream.ts';

/** The registries' documents on approved packages, each asked for once and kept cut. */
export class Documents {
  readonly #upstream: Upstream;
  readonly #known = new Map<string, Promise<CutPackument | undefined>>();

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  /**
   * @param locked at least one; all of one name, all of this registry
   * @returns undefined where the registry knows none of the versions
   * @throws LocksealError where it could not be asked
   */
  find(
    name: string,
    registry: string,
    locked: ReadonlyMap<string, ApprovedArtifact>,
  ): Promise<CutPackument | undefined> {
    const key = JSON.stringify([registry, name, ...locked.keys()]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#ask(name, registry, locked);
    this.#known.set(key, asked);
    // A registry that could not be asked may answer the next time.
    asked.catch(() => this.#known.delete(key));
    return asked;
  }

  async #ask(
    name: string,
    registry: string,
    locked: ReadonlyMap<string, ApprovedArtifact>,
  ): Promise<CutPackument | undefined> {
    return cutPackument(await this.#upstream.packument(name, registry), name, locked);
  }
}
