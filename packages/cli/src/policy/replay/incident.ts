import type { Build } from '@lockseal/testkit';

/** A real attack, told by its shape: what was published when, by whom, with what. Nothing of its code. */
export interface Incident {
  /** Number in the list that docs/policy.md explains. */
  readonly id: number;
  /** The day on which the bad version was published. */
  readonly date: string;
  readonly name: string;
  /** How it came about and what could be seen, in a sentence. */
  readonly story: string;
  /** In any order; `day` 0 is the date above. */
  readonly releases: readonly Release[];
  /** What the project depends on before and after somebody updates. */
  readonly before: Locked;
  readonly after: Locked;
  /** Hours between publication and the update. Default: 2. */
  readonly hours?: number;
  /** A git dependency that the bad version brings, by name. */
  readonly git?: string;
}

export type Locked = Readonly<Record<string, string>>;

export interface Release {
  /** `name@version`. */
  readonly spec: string;
  readonly day: number;
  /** Account; default: `maintainer`. */
  readonly by?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly deps?: Locked;
  /** Build provenance: `true` by the project's usual release build, or with what was different. */
  readonly from?: true | Partial<Build>;
  /** Size of a file besides package.json. Default: 20. */
  readonly kilobytes?: number;
  /** A binding.gyp, which makes npm run node-gyp. */
  readonly gyp?: true;
}
