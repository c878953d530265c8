import { createHash } from 'node:crypto';
import type { PolicyNode } from './document/policy-node.ts';
import type { Problem } from './document/problem.ts';
import { readDocument } from './document/read-document.ts';
import { readLayer, type Layer } from './document/read-layer.ts';
import { didYouMean } from './document/suggest.ts';
import type { Policy, RuleSetting } from './policy.ts';
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
  readonly read: (reference: string, from: PolicySource) => Promise<PolicySource | undefined>;
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
  readonly layer: Layer;
}

/** Reads a policy file and all that it extends. Every mistake is told, of all files, in one run. */
export async function loadPolicy(source: PolicySource, options: LoadOptions): Promise<LoadedPolicy> {
  const problems: Problem[] = [];
  const reads = await readChain(source, { options, problems, above: [] });
  const policy = combine(source.file, reads, options.now);
  if (problems.length > 0) return { status: 'invalid', problems: problems.toSorted(byPlace) };
  return { status: 'ok', policy, sources: reads.map((read) => read.source).filter(({ text }) => !isPreset(text)) };
}

function isPreset(text: string): boolean {
  return [...PRESETS.values()].includes(text);
}

interface Chain {
  readonly options: LoadOptions;
  readonly problems: Problem[];
  readonly above: readonly string[];
}

/** What a file extends comes before it, so that the file has the last word. */
async function readChain(source: PolicySource, chain: Chain): Promise<readonly Read[]> {
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
  return layer === undefined ? reads : [...reads, { source, layer: reportingTo(chain.problems, problems, layer) }];
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
  const preset = PRESETS.get(reference);
  if (preset === undefined && !/[./\\]/.test(reference) && !reference.startsWith('@')) {
    node.report('unknown-preset', `is no preset: ${JSON.stringify(reference)}`, didYouMean(reference, PRESET_NAMES));
    return [];
  }
  const source =
    preset === undefined ? await chain.options.read(reference, from) : { file: `preset ${reference}`, text: preset };
  if (source === undefined) {
    node.report(
      'unknown-preset',
      `leads to nothing: ${JSON.stringify(reference)}`,
      'Give a path that begins with ./, or a preset.',
    );
    return [];
  }
  if (chain.above.includes(source.file) || chain.above.length >= MAX_DEPTH) {
    node.report('bad-value', `leads in a circle, or too deep: ${JSON.stringify(reference)}`);
    return [];
  }
  return readChain(source, chain);
}

function combine(name: string, reads: readonly Read[], now: number): Policy {
  const layers = reads.map(({ layer }) => layer);
  const custom = layers.flatMap((layer) => layer.custom);
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
    sha256: digestOf(reads),
    rules: layers.map(({ rules }) => rules).reduce(mergeRules, new Map<string, RuleSetting>()),
    overrides: layers.flatMap(({ overrides }) => overrides),
    registries: last(({ registries }) => registries),
    trust: {
      roots: last(({ trust }) => trust.roots),
      origins: last(({ trust }) => trust.origins),
      maxAge: last(({ trust }) => trust.maxAge),
    },
    identities: layers.flatMap(({ identities }) => identities),
    custom,
    waivers: layers.flatMap(({ waivers }) => waivers(limits)),
    approvals: last(({ approvals }) => approvals),
  };
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

function digestOf(reads: readonly Read[]): string {
  return createHash('sha256')
    .update(reads.at(-1)?.source.text ?? '')
    .digest('hex');
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.position.line - b.position.line || a.position.column - b.position.column;
}
