import type {
  CheckName,
  EntryId,
  ErrorCode,
  Evidence,
  FindingCode,
  EntryOutline,
  Position,
  Verification,
} from '@lockseal/core';
import type { Option } from '../options.ts';
import type { PatternIndex } from '../pattern-index.ts';
import type { IdentityPin } from '../policy.ts';

/** What a rule may look at: verified facts, and the lockfile's own words about an entry. */
export interface Facts {
  readonly verification: Verification;
  /** Milliseconds since 1970: when the facts were verified. */
  readonly now: number;
  /** Base URLs of the registries that the policy names; undefined: it names none. */
  readonly registries: readonly string[] | undefined;
  /** Those under `identities` that are about a package. */
  readonly pinsOf: PatternIndex<IdentityPin>;
  readonly trust: TrustExpectation;
  describe(entry: EntryId): EntryOutline;
  /** From an importer to the entry: `['.', 'express@4.21.2', 'debug@2.6.9']`; undefined where no path exists. */
  pathTo(entry: EntryId): readonly string[] | undefined;
}

/** What the policy asks of the trust material; undefined members may be anything. */
export interface TrustExpectation {
  /** Lower-case hex sha256 of trusted roots. */
  readonly roots: readonly string[] | undefined;
  readonly origins: readonly Verification['trust']['root']['origin'][] | undefined;
  /** Seconds since the root was refreshed or made. */
  readonly maxAge: number | undefined;
}

/** One entry with all that is known about it. */
export interface Subject {
  readonly entry: EntryOutline;
  readonly evidence: Evidence;
  readonly facts: Facts;
}

/** What a rule objects to; its level, path and place are added later. */
export interface Objection {
  readonly code: FindingCode;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly detail?: string | undefined;
  /** Instead of the fix of the code. */
  readonly fix?: string | undefined;
  readonly dependency?: string | undefined;
  readonly position?: Position | undefined;
}

/** A rule that needs to know what could not be found out: undecided where its level is error. */
export interface OpenQuestion {
  readonly code: FindingCode;
  readonly open: { readonly check: CheckName | 'history'; readonly error: ErrorCode; readonly reason: string };
}

export type Opinion = Objection | OpenQuestion;

export type OptionValues = Readonly<Record<string, unknown>>;

/** What every rule is: options, then facts, then objections in any order. */
export interface RuleSpec<Options> {
  readonly name: string;
  /** One sentence, for editors and `policy explain`. */
  readonly describe: string;
  /** What it can raise, and what it decides the level of where verification itself observed it. */
  readonly codes: readonly FindingCode[];
  /** Whether it judges where nobody mentions it. Rules over what verification observed do. */
  readonly isOnByDefault: boolean;
  /** Names of rules that bring it along where nobody mentions it. */
  readonly isOnWith?: readonly string[];
  readonly options: { readonly [Name in keyof Options]: Option<Options[Name]> };
  /** Whether the registry's list of versions must be asked for. */
  readonly needsHistory?: boolean;
  /** Whether the tarballs of what changed must be read, and those of the baseline. */
  readonly needsContents?: boolean;
  /** Whether the lockfile's own words are enough for it, so that it judges what an approval covers, too. */
  readonly judgesCarried?: boolean;
  /** About one entry. */
  readonly judge?: (options: Options) => (subject: Subject) => readonly Opinion[];
  /** About the lockfile as a whole. */
  readonly judgeAll?: (options: Options) => (facts: Facts) => readonly Objection[];
}

/** A rule whose options are known to it alone. */
export type Rule = RuleSpec<OptionValues>;

/** Forgets the type of the options: from here on they are made by the rule's own `options`, and by nothing else. */
export function defineRule<Options extends object>(spec: RuleSpec<Options>): Rule {
  return spec as unknown as Rule;
}
