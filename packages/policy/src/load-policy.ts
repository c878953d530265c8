import { readChain, type Link, type PolicySource, type ReadReference } from './chain.ts';
import { policyDigest } from './digest.ts';
import type { CustomRule } from './custom/custom-rule.ts';
import type { Problem } from './document/problem.ts';
import { readLayer, type Layer } from './document/read-layer.ts';
import { defaultPolicy, type Place, type Policy, type RuleSetting } from './policy.ts';

export interface LoadOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly read: ReadReference;
}

export type LoadedPolicy =
  | {
      readonly status: 'ok';
      readonly policy: Policy;
      /** The file and all files that it extends; presets are none. */
      readonly sources: readonly PolicySource[];
    }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] };

/** How long a waiver may last where no file says so: 90 days. */
const LONGEST_WAIVER = 7_776_000;

/** Reads a policy file and all that it extends. Every mistake is told, of all files, in one run. */
export async function loadPolicy(source: PolicySource, options: LoadOptions): Promise<LoadedPolicy> {
  const problems: Problem[] = [];
  const links = await readChain(source, { read: options.read, readLayer, problems });
  const reads = links.map((link) => ({ ...link, layer: reportingTo(problems, link.problems, link.layer) }));
  const sources = reads.flatMap((read) => (read.isPreset ? [] : [read.source]));
  const policy = combine(reads, { name: source.file, sha256: policyDigest(sources), now: options.now, problems });
  if (problems.length > 0) return { status: 'invalid', problems: problems.toSorted(byPlace) };
  return { status: 'ok', policy, sources };
}

/** Waivers are read at the end, when the limits of all files are known; what is wrong with them belongs to the same list. */
function reportingTo(all: Problem[], own: Problem[], layer: Layer): Layer {
  return {
    ...layer,
    waivers: (limits) => {
      const before = own.length;
      const waivers = layer.waivers(limits);
      all.push(...own.slice(before));
      return waivers;
    },
  };
}

interface Combining {
  readonly name: string;
  readonly sha256: string;
  readonly now: number;
  readonly problems: Problem[];
}

function combine(reads: readonly Link<Layer>[], { name, sha256, now, problems }: Combining): Policy {
  const layers = reads.map(({ layer }) => layer);
  const custom = onceEach(layers.flatMap((layer) => layer.custom));
  problems.push(...repeatedNames(custom));
  const longest = Math.min(...layers.flatMap(({ longestWaiver }) => longestWaiver ?? []), Number.POSITIVE_INFINITY);
  const limits = {
    now,
    longest: Number.isFinite(longest) ? longest : LONGEST_WAIVER,
    customRules: custom.map((rule) => rule.name),
  };
  const last = <T>(pick: (layer: Layer) => T | undefined): T | undefined =>
    layers.map(pick).findLast((value) => value !== undefined);
  return {
    name,
    sha256,
    rules: layers.map(({ rules }) => rules).reduce(mergeRules, new Map<string, RuleSetting>()),
    overrides: onceEach(layers.flatMap(({ overrides }) => overrides)),
    registries: last(({ registries }) => registries),
    trust: {
      roots: last(({ trust }) => trust.roots),
      origins: last(({ trust }) => trust.origins),
      maxAge: last(({ trust }) => trust.maxAge),
    },
    identities: onceEach(layers.flatMap(({ identities }) => identities)),
    custom,
    waivers: onceEach(layers.flatMap(({ waivers }) => waivers(limits))),
    approvals: last(({ approvals }) => approvals),
    install: {
      allowHosts: last(({ install }) => install.allowHosts) ?? defaultPolicy.install.allowHosts,
      git: last(({ install }) => install.git) ?? defaultPolicy.install.git,
    },
  };
}

/** A file that two others extend is read twice, and says what it says once. */
function onceEach<T extends Place>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [`${each.position.line}:${each.position.column} ${each.file}`, each])).values()];
}

/** Waivers and reports name a custom rule by its name alone. */
function repeatedNames(custom: readonly CustomRule[]): readonly Problem[] {
  const first = new Map<string, CustomRule>();
  return custom.flatMap((rule): Problem[] => {
    const known = first.get(rule.name);
    if (known === undefined) {
      first.set(rule.name, rule);
      return [];
    }
    const where = `${known.file}:${known.position.line}:${known.position.column}`;
    const message = `the custom rule \`${rule.name}\` has the name of another one, at ${where}`;
    return [{ code: 'bad-value', file: rule.file, position: rule.position, message, hint: 'Choose another name.' }];
  });
}

/** What the upper layer does not set stays as it is below; a level that it sets is of all findings of the rule. */
export function mergeRules(
  below: ReadonlyMap<string, RuleSetting>,
  above: ReadonlyMap<string, RuleSetting>,
): ReadonlyMap<string, RuleSetting> {
  const merged = new Map(below);
  for (const [name, setting] of above) {
    const known = below.get(name);
    merged.set(name, {
      level: setting.level ?? known?.level,
      levels: new Map([...(setting.level === undefined ? (known?.levels ?? []) : []), ...setting.levels]),
      options: new Map([...(known?.options ?? []), ...setting.options]),
    });
  }
  return merged;
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.position.line - b.position.line || a.position.column - b.position.column;
}
