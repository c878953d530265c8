import { JsonNode, ShapeError } from './json-node.ts';
import { parseStrictJson } from './strict-json.ts';

export const STATEMENT_PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const STATEMENT_TYPES = ['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1'] as const;
/** Bytes; whoever signs more makes what nobody reads. */
export const MAX_STATEMENT_BYTES: number = 16 * 1024 * 1024;
const MAX_SUBJECTS = 4096;
const MAX_DIGESTS = 32;
const MAX_TEXT = 4096;

/**
 * An in-toto Statement, from signed bytes: everything in it is as true as its signer.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export interface Statement {
  readonly type: (typeof STATEMENT_TYPES)[number];
  readonly subjects: readonly Subject[];
  readonly predicateType: string;
  /** The predicate, not yet looked at; {} where there is none. */
  readonly predicate: JsonNode;
}

export interface Subject {
  readonly name: string | undefined;
  /** Algorithm -> digest, as written; hex in lower case for sha512. */
  readonly digests: ReadonlyMap<string, string>;
}

export type ParsedStatement =
  | { readonly status: 'ok'; readonly statement: Statement }
  | { readonly status: 'malformed'; readonly reason: string };

/** Reads the Statement in a DSSE payload. The payload type is signed along with the payload, so it must be exact. */
export function parseStatement(payloadType: string, payload: Uint8Array): ParsedStatement {
  if (payloadType !== STATEMENT_PAYLOAD_TYPE) return malformed(`the payload type is ${JSON.stringify(payloadType)}`);
  if (payload.length > MAX_STATEMENT_BYTES) return malformed(`the payload is larger than ${MAX_STATEMENT_BYTES} bytes`);
  try {
    return { status: 'ok', statement: readStatement(new JsonNode(parseStrictJson(payload), '')) };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return malformed(`the statement is not strict JSON: ${thrown.message}`);
    if (thrown instanceof ShapeError) return malformed(`in the statement, ${thrown.message}`);
    throw thrown;
  }
}

function malformed(reason: string): ParsedStatement {
  return { status: 'malformed', reason };
}

function readStatement(root: JsonNode): Statement {
  const type = STATEMENT_TYPES.find((known) => known === root.member('_type').text(MAX_TEXT));
  if (type === undefined) throw new ShapeError('_type', 'is of no known version of Statement');
  const subjects = root.member('subject').list(MAX_SUBJECTS).map(readSubject);
  if (subjects.length === 0) throw new ShapeError('subject', 'is empty');
  return {
    type,
    subjects,
    predicateType: root.member('predicateType').text(MAX_TEXT),
    predicate: root.optional('predicate') ?? new JsonNode({}, 'predicate'),
  };
}

function readSubject(node: JsonNode): Subject {
  const digest = node.member('digest');
  const algorithms = digest.keys();
  if (algorithms.length > MAX_DIGESTS) throw new ShapeError(digest.path, `has more than ${MAX_DIGESTS} digests`);
  const digests = new Map(algorithms.map((algorithm) => [algorithm, digest.member(algorithm).text(MAX_TEXT)]));
  const sha512 = digests.get('sha512');
  if (sha512 !== undefined && !/^[0-9a-f]{128}$/.test(sha512)) {
    throw new ShapeError(`${digest.path}.sha512`, 'is not a sha512 in lower-case hex');
  }
  return { name: node.optional('name')?.text(MAX_TEXT), digests };
}

export type SubjectBinding =
  | { readonly status: 'bound' }
  | { readonly status: 'unbound'; readonly fault: SubjectFault; readonly reason: string };

export type SubjectFault = 'other-digest' | 'other-name' | 'unrelated' | 'conflicting';

/**
 * Whether a statement is about this package with these bytes: one subject has both the name and the sha512.
 * in-toto matches subjects by digest alone; here the name must agree too, so that a statement about `a@1.0.0` vouches
 * for nothing that is locked as `b@2.0.0`. Of several subjects with the name, all must have the digest.
 */
export function bindSubject(statement: Statement, purl: string, sha512: string): SubjectBinding {
  const named = statement.subjects.filter(({ name }) => name === purl);
  const agreeing = named.filter(({ digests }) => digests.get('sha512') === sha512);
  if (named.length > 0 && agreeing.length === named.length) return { status: 'bound' };
  if (agreeing.length > 0) return unbound('conflicting', `it names ${purl} with more than one digest`);
  if (named.length > 0) return unbound('other-digest', `it is about ${purl} with another sha512`);
  const hashed = statement.subjects.find(({ digests }) => digests.get('sha512') === sha512);
  if (hashed !== undefined)
    return unbound('other-name', `it names these bytes ${hashed.name ?? 'nothing'}, not ${purl}`);
  return unbound('unrelated', `it is about ${statement.subjects[0]?.name ?? 'something unnamed'}, not ${purl}`);
}

function unbound(fault: SubjectFault, reason: string): SubjectBinding {
  return { status: 'unbound', fault, reason };
}
