import { policyDigest } from './digest.ts';
import type { CustomRule } from './custom/custom-rule.ts';
import type { PolicyNode } from './document/policy-node.ts';
import type { Problem } from './document/problem.ts';
import { readDocument } from './document/read-document.ts';
import { readLayer, type Layer } from './document/read-layer.ts';
import { didYouMean, nearest } from './document/suggest.ts';
import type { Place, Policy, RuleSetting } from './policy.ts';
import { PRESET_NAMES, PRESETS } from './presets.ts';

/** One policy file. */
export interface PolicySource {
  /** As shown in messages, and as `extends` in it is resolved against. */
  readonly file: string;
  readonly text: string;
}

export interface LoadOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What `extends` in a file leads to; undefined: there is no such thing. Presets never come here. */
  readonly read: (reference: string, from: PolicySource) => Promise<PolicySource | ReadRefusal | undefined>;
}

/** Something that `extends` names and that is there, but cannot be used. */
export interface ReadRefusal {
  /** A clause that follows the name of the key: `cannot be …`. */
  readonly refused: string;
  readonly hint: string;
}

export type LoadedPolicy =
  | {
      readonly status: 'ok';
      readonly policy: Policy;
      /** The file and all files that it extends; presets are none. */
      readonly sources: readonly PolicySource[];
    }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] };

const MAX_DEPTH = 8;
const MAX_FILES = 32;
/** How long a waiver may last where no file says so: 90 days. */
const LONGEST_WAIVER = 7_776_000;

/** A layer, and the text that it was read from. */
interface Read {
  readonly source: PolicySource;
  readonly isPreset: boolean;
  readonly layer: Layer;
}

/** Reads a policy file and all that it extends. Every mistake is told, of all files, in one run. */
export async function loadPolicy(source: PolicySource, options: LoadOptions): Promise<LoadedPolicy> {
  const problems: Problem[] = [];
  const reads = await readChain(source, { options, problems, above: [] });
  const sources = reads.flatMap((read) => (read.isPreset ? [] : [read.source]));
  const policy = combine(reads, { name: source.file, sha256: policyDigest(sources), now: options.now, problems });
  if (problems.length > 0) return { status: 'invalid', problems: problems.toSorted(byPlace) };
  return { status: 'ok', policy, sources };
}

interface Chain {
  readonly options: LoadOptions;
  readonly problems: Problem[];
  readonly above: readonly string[];
}

/** What a file extends comes before it, so that the file has the last word. */
async function readChain(source: PolicySource, chain: Chain, isPreset = false): Promise<readonly Read[]> {
  const { root, problems } = readDocument(source.text, source.file);
  const layer = problems.length === 0 ? readLayer(root) : undefined;
  const reads: Read[] = [];
  for (const { reference, node } of layer?.extends ?? []) {
    reads.push(...(await readParent(reference, node, source, { ...chain, above: [...chain.above, source.file] })));
    if (reads.length > MAX_FILES) {
      node.report('too-large', `leads to more than ${MAX_FILES} files`);
      break;
    }
  }
  // Waivers are read at the end, when the limits of all files are known: problems goes on growing until then.
  chain.problems.push(...problems);
  if (layer === undefined) return reads;
  return [...reads, { source, isPreset, layer: reportingTo(chain.problems, problems, layer) }];
}

/** Problems that are found later belong to the same list. */
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

async function readParent(
  reference: string,
  node: PolicyNode,
  from: PolicySource,
  chain: Chain,
): Promise<readonly Read[]> {
  const source = await find(reference, node, from, chain.options);
  if (source === undefined) return [];
  if (chain.above.includes(source.file) || chain.above.length >= MAX_DEPTH) {
    node.report('bad-value', `leads in a circle, or too deep: ${JSON.stringify(reference)}`);
    return [];
  }
  return readChain(source, chain, PRESETS.has(reference));
}

async function find(
  reference: string,
  node: PolicyNode,
  from: PolicySource,
  { read }: LoadOptions,
): Promise<PolicySource | undefined> {
  const preset = PRESETS.get(reference);
  if (preset !== undefined) return { file: `preset ${reference}`, text: preset };
  // A misspelt preset is not looked for among packages.
  const found = nearest(reference, PRESET_NAMES) === undefined ? await read(reference, from) : undefined;
  if (found !== undefined && 'text' in found) return found;
  if (found !== undefined) {
    return node.report('bad-reference', `${found.refused}: ${JSON.stringify(reference)}`, found.hint);
  }
  const hint = /[./\\]/.test(reference)
    ? 'Give a path that begins with ./, the name of an installed package, or a preset.'
    : didYouMean(reference, PRESET_NAMES);
  return node.report('unknown-preset', `leads to nothing: ${JSON.stringify(reference)}`, hint);
}

interface Combining {
  readonly name: string;
  readonly sha256: string;
  readonly now: number;
  readonly problems: Problem[];
}

function combine(reads: readonly Read[], { name, sha256, now, problems }: Combining): Policy {
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
