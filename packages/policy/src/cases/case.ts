import type { FindingCode, HistoryFacts, Identity, Reach } from '@lockseal/core';
import type { Position } from '@lockseal/core';

/** A user's own test of a policy: the facts about one package, and the findings that must come of them. */
export interface PolicyCase {
  readonly name: string;
  readonly position: Position;
  readonly facts: CaseFacts;
  /** Codes of findings above `note`; a custom rule by its own name. Sorted, unique. */
  readonly expect: readonly string[];
}

/** What a case says; everything else is as for an unremarkable package of long standing with a registry signature. */
export interface CaseFacts {
  readonly name: string;
  readonly version: string;
  readonly class: 'registry' | 'git' | 'tarball';
  readonly registry: string;
  readonly direct: boolean;
  readonly kind: Reach['kind'];
  readonly license: string | undefined;
  readonly publisher: string | undefined;
  readonly deprecated: string | undefined;
  readonly scripts: readonly string[];
  readonly scriptsSha256: string | undefined;
  readonly signature: boolean;
  /** Build provenance by this identity; undefined: there is none. */
  readonly provenance: Partial<Identity> | undefined;
  readonly ageDays: number;
  readonly observations: readonly FindingCode[];
  readonly change: 'unchanged' | 'changed' | 'added' | undefined;
  readonly packageAgeDays: number;
  readonly silentDays: number;
  readonly earlierPublishers: HistoryFacts['earlierPublishers'];
  readonly previousVersion: string | undefined;
  readonly previousProvenance: Partial<Identity> | undefined;
}
