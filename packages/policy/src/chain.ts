import type { PolicyNode } from './document/policy-node.ts';
import type { Problem } from './document/problem.ts';
import { readDocument } from './document/read-document.ts';
import { didYouMean, nearest } from './document/suggest.ts';
import { PRESET_NAMES, PRESETS } from './presets.ts';

/** One policy file. */
export interface PolicySource {
  /** As shown in messages, and as `extends` in it is resolved against. */
  readonly file: string;
  readonly text: string;
}

/** Something that `extends` names and that is there, but cannot be used. */
export interface ReadRefusal {
  /** A clause that follows the name of the key: `cannot be …`. */
  readonly refused: string;
  readonly hint: string;
}

/** What `extends` in a file leads to; undefined: there is no such thing. Presets never come here. */
export type ReadReference = (reference: string, from: PolicySource) => Promise<PolicySource | ReadRefusal | undefined>;

/** As much of a file as the chain needs to know. */
export interface Extending {
  readonly extends: readonly { readonly reference: string; readonly node: PolicyNode }[];
}

/** A file of a policy, and what was read from it. */
export interface Link<Layer extends Extending> {
  readonly source: PolicySource;
  readonly isPreset: boolean;
  readonly layer: Layer;
  /** What is wrong with this file. */
  readonly problems: Problem[];
}

export interface ChainOptions<Layer extends Extending> {
  readonly read: ReadReference;
  readonly readLayer: (root: PolicyNode) => Layer | Promise<Layer>;
  /** Gets what is wrong with any file. */
  readonly problems: Problem[];
  /** Presets are passed over: nothing is wanted that any of them says. */
  readonly skipsPresets?: boolean | undefined;
}

const MAX_DEPTH = 8;
const MAX_FILES = 32;

/** A file and all that it extends. What a file extends comes before it, so that the file has the last word. */
export async function readChain<Layer extends Extending>(
  source: PolicySource,
  options: ChainOptions<Layer>,
): Promise<readonly Link<Layer>[]> {
  return readLinks(source, { ...options, above: [] }, false);
}

interface Chain<Layer extends Extending> extends ChainOptions<Layer> {
  readonly above: readonly string[];
}

async function readLinks<Layer extends Extending>(
  source: PolicySource,
  chain: Chain<Layer>,
  isPreset: boolean,
): Promise<readonly Link<Layer>[]> {
  const { root, problems } = readDocument(source.text, source.file);
  const layer = problems.length === 0 ? await chain.readLayer(root) : undefined;
  const links: Link<Layer>[] = [];
  for (const { reference, node } of layer?.extends ?? []) {
    links.push(...(await readParent(reference, node, source, { ...chain, above: [...chain.above, source.file] })));
    if (links.length > MAX_FILES) {
      node.report('too-large', `leads to more than ${MAX_FILES} files`);
      break;
    }
  }
  chain.problems.push(...problems);
  return layer === undefined ? links : [...links, { source, isPreset, layer, problems }];
}

async function readParent<Layer extends Extending>(
  reference: string,
  node: PolicyNode,
  from: PolicySource,
  chain: Chain<Layer>,
): Promise<readonly Link<Layer>[]> {
  if (chain.skipsPresets === true && PRESETS.has(reference)) return [];
  const source = await find(reference, node, from, chain.read);
  if (source === undefined) return [];
  if (chain.above.includes(source.file) || chain.above.length >= MAX_DEPTH) {
    node.report('bad-value', `leads in a circle, or too deep: ${JSON.stringify(reference)}`);
    return [];
  }
  return readLinks(source, chain, PRESETS.has(reference));
}

async function find(
  reference: string,
  node: PolicyNode,
  from: PolicySource,
  read: ReadReference,
): Promise<PolicySource | undefined> {
  const preset = PRESETS.get(reference);
  if (preset !== undefined) return { file: `preset ${reference}`, text: preset };
  const shown = JSON.stringify(reference);
  if (nearest(reference, PRESET_NAMES) !== undefined) {
    // A misspelt preset is not looked for among packages.
    return node.report('unknown-preset', `is no preset: ${shown}`, didYouMean(reference, PRESET_NAMES));
  }
  const found = await read(reference, from);
  if (found !== undefined && 'text' in found) return found;
  if (found !== undefined) return node.report('bad-reference', `${found.refused}: ${shown}`, found.hint);
  const hint = /[./\\]/.test(reference)
    ? 'Give a path that begins with ./, the name of an installed package, or a preset.'
    : didYouMean(reference, PRESET_NAMES);
  return node.report('unknown-preset', `leads to nothing: ${shown}`, hint);
}
