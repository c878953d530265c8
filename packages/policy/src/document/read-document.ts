import { isScalar, LineCounter, parseAllDocuments, visit, type Document, type YAMLMap } from 'yaml';
import { PolicyNode, type Reading } from './policy-node.ts';
import type { Problem } from './problem.ts';

/** Longest policy file that is read, in UTF-16 code units. */
const MAX_TEXT = 1024 * 1024;

export interface ReadDocument {
  readonly root: PolicyNode;
  /** What is wrong so far; readers of the root add to it. */
  readonly problems: Problem[];
}

/**
 * One YAML 1.2 document (of which JSON is a part) with the place of every key. Duplicate keys, anchors, tags and
 * several documents are refused: a policy must read the same way to everybody who reviews it.
 */
export function readDocument(text: string, file: string): ReadDocument {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const reading: Reading = { file, lines, problems };
  const refuse = (code: 'bad-syntax' | 'too-large', message: string, offset = 0, hint?: string): void => {
    const { line, col } = lines.linePos(offset);
    problems.push({ code, file, position: { line: Math.max(1, line), column: Math.max(1, col) }, message, hint });
  };
  if (text.length > MAX_TEXT) {
    refuse('too-large', `is longer than ${MAX_TEXT} characters`);
    return { root: new PolicyNode(null, reading), problems };
  }
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    // The parser would compare each key with all before it; `refuseAmbiguities` does so in linear time.
    uniqueKeys: false,
    merge: false,
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (second !== undefined) refuse('bad-syntax', 'holds several documents', second.range[0], 'Keep one.');
  for (const error of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    refuse('bad-syntax', sentence(error.message), error.pos[0]);
  }
  if (document !== undefined) refuseAmbiguities(document, refuse);
  const usable = problems.length === 0 ? document?.contents : null;
  return { root: new PolicyNode(usable ?? null, reading), problems };
}

type Refuse = (code: 'bad-syntax', message: string, offset?: number, hint?: string) => void;

function refuseAmbiguities(document: Document, refuse: Refuse): void {
  visit(document, {
    Node: (_key, node) => refuseMarks(node, refuse),
    // The visitor of the most particular kind is called alone.
    Map: (_key, map) => {
      refuseMarks(map, refuse);
      refuseRepeatedKeys(map, refuse);
    },
    Alias: (_key, node) =>
      refuse('bad-syntax', 'has an alias (*)', node.range?.[0], 'Write the value out, or quote the text.'),
  });
}

function refuseMarks({ anchor, tag, range }: Marked, refuse: Refuse): void {
  if (anchor !== undefined) refuse('bad-syntax', 'has an anchor (&)', range?.[0], 'Write the value out.');
  if (tag?.startsWith('!') === true) refuse('bad-syntax', `has a tag (${tag})`, range?.[0], 'Remove the tag.');
}

interface Marked {
  readonly anchor?: string;
  readonly tag?: string;
  readonly range?: readonly number[] | null;
}

function refuseRepeatedKeys({ items }: YAMLMap, refuse: Refuse): void {
  const seen = new Set<string>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) refuse('bad-syntax', 'Map keys must be unique', key.range?.[0]);
    seen.add(name);
  }
}

function sentence(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}
