import { LineCounter, parseAllDocuments, visit, type Document } from 'yaml';
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
    uniqueKeys: true,
    merge: false,
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (second !== undefined) refuse('bad-syntax', 'holds several documents', second.range[0], 'Keep one.');
  for (const error of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    refuse('bad-syntax', sentence(error.message), error.pos[0]);
  }
  if (document !== undefined) refuseReferences(document, refuse);
  const usable = problems.length === 0 ? document?.contents : null;
  return { root: new PolicyNode(usable ?? null, reading), problems };
}

function refuseReferences(
  document: Document,
  refuse: (code: 'bad-syntax', message: string, offset?: number, hint?: string) => void,
): void {
  visit(document, {
    Node: (_key, node) => {
      const { anchor, tag, range } = node as { anchor?: string; tag?: string; range?: readonly number[] | null };
      if (anchor !== undefined) refuse('bad-syntax', 'has an anchor (&)', range?.[0], 'Write the value out.');
      if (tag?.startsWith('!') === true) refuse('bad-syntax', `has a tag (${tag})`, range?.[0], 'Remove the tag.');
    },
    Alias: (_key, node) =>
      refuse('bad-syntax', 'has an alias (*)', node.range?.[0], 'Write the value out, or quote the text.'),
  });
}

function sentence(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}
