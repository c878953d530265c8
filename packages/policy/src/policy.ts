import type { ApprovalPolicy, Authority, ExpectedIdentity, FindingCode, Level, Position } from '@lockseal/core';
import type { CustomRule } from './custom/custom-rule.ts';
import type { PackagePattern } from './package-pattern.ts';
import type { TrustExpectation } from './rules/rule.ts';

/** What a project accepts: everything parsed, nothing left that could be wrong. */
export interface Policy {
  /** `default`, or the file. */
  readonly name: string;
  /** Lower-case hex sha256 of the file itself, as approvals name it; undefined for the built-in default. */
  readonly sha256: string | undefined;
  /** Rules that are set, by name; others are as their definition says. */
  readonly rules: ReadonlyMap<string, RuleSetting>;
  /** Later ones win. */
  readonly overrides: readonly Override[];
  readonly registries: readonly string[] | undefined;
  readonly trust: TrustExpectation;
  readonly identities: readonly IdentityPin[];
  readonly custom: readonly CustomRule[];
  readonly waivers: readonly Waiver[];
  readonly approvals: ApprovalPolicy | undefined;
  readonly install: InstallSettings;
}

/** What an install may reach besides approved packages. */
export interface InstallSettings {
  /** Let through unseen: exactly these hosts, at these ports. */
  readonly allowHosts: readonly Authority[];
  /** Dependencies by git: none, or those whose full commit was approved. */
  readonly git: 'refuse' | 'pinned';
}

export type RuleLevel = Level | 'off';

/** What a policy file says about one rule. */
export interface RuleSetting {
  /** undefined: each code at its own level. */
  readonly level: RuleLevel | undefined;
  readonly levels: ReadonlyMap<FindingCode, RuleLevel>;
  /** Options that are set; the rule's fallbacks stand for others. */
  readonly options: ReadonlyMap<string, unknown>;
}

/** Where something stands in a policy file. */
export interface Place {
  readonly file: string;
  readonly position: Position;
}

export interface Override extends Place {
  readonly packages: readonly PackagePattern[];
  readonly rules: ReadonlyMap<string, RuleSetting>;
}

/** By whom packages must have been built. */
export interface IdentityPin extends Place {
  readonly packages: PackagePattern;
  /** Any of these. */
  readonly identities: readonly ExpectedIdentity[];
}

/** An exception that ends by itself. */
export interface Waiver extends Place {
  readonly packages: PackagePattern;
  readonly rule: string;
  readonly reason: string;
  readonly who: string;
  /** ISO 8601: the first moment at which it holds no more. */
  readonly expires: string;
}

/**
 * In force where a project has no policy of its own. It demands no provenance (most packages have none), and that
 * whatever evidence there is agrees with the lockfile.
 */
export const defaultPolicy: Policy = {
  name: 'default',
  sha256: undefined,
  rules: new Map(),
  overrides: [],
  registries: undefined,
  trust: { roots: undefined, origins: undefined, maxAge: undefined },
  identities: [],
  custom: [],
  waivers: [],
  approvals: undefined,
  install: { allowHosts: [], git: 'refuse' },
};
