// What is fuzzed: each target takes any bytes, and throws where a promise about them is broken.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  checkGraph,
  createBundleVerifier,
  JsonNode,
  lockedSha512,
  LocksealError,
  packageSet,
  parseApprovalPolicy,
  parseExpectedIdentity,
  parseIntegrity,
  parseSpecifier,
  parseStatement,
  parseStrictJson,
  parseTrustedRoot,
  ShapeError,
  STATEMENT_PAYLOAD_TYPE,
} from '@lockseal/core';
import { compilePattern } from '../../packages/core/src/pattern/match-pattern.ts';
import { PatternError } from '../../packages/core/src/pattern/parse-pattern.ts';
import { dependencyPaths, readLockfile } from '../../packages/lockfile/src/index.ts';
import { assertCoherent } from '../../packages/lockfile/test/support/text.ts';
import { loadPolicy, parsePackagePattern, readCases } from '../../packages/policy/src/index.ts';
import { bunfigLayer } from '../../packages/registry/src/config/bunfig.ts';
import { npmLayer, parseNpmrc } from '../../packages/registry/src/config/npmrc.ts';
import { yarnBerryLayer } from '../../packages/registry/src/config/yarn-berry.ts';
import { yarnClassicLayer } from '../../packages/registry/src/config/yarn-classic.ts';
import { compareQuestions, idOf, questionOf, type PackLine } from '../../packages/registry/src/pack/format.ts';
import {
  decodeAnswer,
  decodeAttestations,
  decodeHistory,
  decodeKeys,
} from '../../packages/registry/src/pack/answers.ts';
import { decodeDocument, decodeTarball } from '../../packages/registry/src/pack/manifests.ts';
import { answerIn } from '../../packages/registry/src/pack/questions.ts';
import { readPack } from '../../packages/registry/src/pack/read.ts';
import { readTrust } from '../../packages/registry/src/pack/trust.ts';
import { writePack } from '../../packages/registry/src/pack/write.ts';
import { parseAttestations } from '../../packages/registry/src/sources/attestations.ts';
import { boilHistory, parseHistory } from '../../packages/registry/src/sources/history.ts';
import { parseJson } from '../../packages/registry/src/sources/json.ts';
import { cutVersion } from '../../packages/registry/src/sources/packument.ts';
import { parseVersionDocument } from '../../packages/registry/src/sources/version-document.ts';
import { TARBALL_LIMITS } from '../../packages/registry/src/tarball/limits.ts';
import { readPieces } from '../../packages/registry/src/tarball/read-pieces.ts';
import { readTarball } from '../../packages/registry/src/tarball/read.ts';
import { openReading } from '../../packages/registry/src/tarball/reading.ts';
import { KeyFormatError, parseRegistryKeys } from '../../packages/registry/src/trust/keys.ts';
import { parseApprovals, parseLocksealStatement } from '../../packages/signer/src/index.ts';

/** Reads the bytes; what comes of them is told, so that the same bytes can be held to the same answer. */
export type Target = (bytes: Uint8Array) => unknown;

/** Small enough that no input takes long. */
const LIMITS = { ...TARBALL_LIMITS, packed: 1 << 20, unpacked: 1 << 24, entries: 1000 };
const VERSION = { name: 'a', version: '1.0.0', namedRegistry: undefined };

const VECTORS = path.resolve(import.meta.dirname, '../../packages/signer/test/vectors');
const vector = (name: string, file: string): Buffer => readFileSync(path.join(VECTORS, name, file));
const verifier = createBundleVerifier(parseTrustedRoot(vector('keyless-rekor1', 'trusted_root.json')), []);

/** Bundles of our own that verify, which no fuzzer could come by, to begin with. */
export function signedSeeds(target: string): readonly Buffer[] {
  const approvals = ['keyless-rekor1', 'keyless-rekor2', 'key-p256'].map((name) => vector(name, 'approvals.jsonl'));
  switch (target) {
    case 'bundle':
    case 'approvals':
      return approvals;
    case 'statement':
      return parseApprovals(Buffer.concat(approvals), 'seeds').map(({ payload }) => Buffer.from(payload));
    case 'trusted-root':
      return [vector('keyless-rekor1', 'trusted_root.json')];
    default:
      return [];
  }
}

/** The readers of lockfiles, by the name of the file; the bytes decide the rest. */
const LOCKFILES: Readonly<Record<string, string>> = {
  npm: 'package-lock.json',
  pnpm: 'pnpm-lock.yaml',
  yarn: 'yarn.lock',
  bun: 'bun.lock',
  deno: 'deno.lock',
  vlt: 'vlt-lock.json',
};

export const TARGETS: Readonly<Record<string, Target>> = {
  ...Object.fromEntries(Object.entries(LOCKFILES).map(([name, file]) => [name, (bytes) => lockfile(file, bytes)])),
  bundle: (bytes) => coded(/^$/, () => verifier.verify(parseStrictJson(bytes))),
  statement: (bytes) => [
    parseStatement(STATEMENT_PAYLOAD_TYPE, bytes),
    parseLocksealStatement(STATEMENT_PAYLOAD_TYPE, bytes),
  ],
  approvals: (bytes) => coded(/^ERR_APPROVALS_/, () => parseApprovals(bytes, 'x.approvals.jsonl')),
  'approval-policy': (bytes) =>
    coded(/^ERR_CONFIG$/, () => {
      const value = parseStrictJson(bytes);
      return [coded(/^ERR_CONFIG$/, () => parseApprovalPolicy(value)), parseExpectedIdentity(value, 'identity')];
    }),
  'trusted-root': (bytes) => coded(/^ERR_TRUSTED_ROOT$/, () => typeof parseTrustedRoot(bytes)),
  policy: (bytes) => policy(textOf(bytes)),
  words: (bytes) => words(textOf(bytes)),
  config: (bytes) => config(textOf(bytes)),
  keys: (bytes) => coded(/^ERR_RESPONSE_INVALID$/, () => parseRegistryKeys(parseJson(bytes, 'keys'), 'tuf')),
  document: (bytes) => coded(/^ERR_RESPONSE_INVALID$/, () => parseVersionDocument(bytes, VERSION)),
  attestations: (bytes) => coded(/^ERR_RESPONSE_INVALID$/, () => parseAttestations(bytes, 'it')),
  packument: (bytes) => packument(bytes),
  tarball: (bytes) => tarball(bytes),
  tar: (bytes) => tarball(gzipSync(bytes, { level: 1 })),
  pack: (bytes) => pack(bytes),
  pattern: (bytes) => pattern(textOf(bytes)),
};

/** Errors that are an answer: coded as the reader promises, or the parsers' own that every caller expects. */
function answered(codes: RegExp, thrown: unknown): string {
  if (thrown instanceof LocksealError && codes.test(thrown.code)) return thrown.code;
  if (thrown instanceof SyntaxError || thrown instanceof ShapeError || thrown instanceof KeyFormatError) {
    return thrown.message;
  }
  throw thrown;
}

function coded(codes: RegExp, read: () => unknown): unknown {
  try {
    return read();
  } catch (thrown) {
    return answered(codes, thrown);
  }
}

async function codedAsync(codes: RegExp, read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (thrown) {
    return answered(codes, thrown);
  }
}

/** What is read is coherent, and whatever looks at it next holds out. */
function lockfile(file: string, bytes: Uint8Array): unknown {
  return coded(/^ERR_LOCKFILE_/, () => {
    const read = readLockfile(file, bytes);
    assertCoherent(read);
    const pathOf = dependencyPaths(read);
    const paths = read.entries.map(({ id }) => pathOf(id));
    return [read, paths, checkGraph(read, undefined), packageSet(read, ({ pin }) => lockedSha512(pin)).sha256];
  });
}

async function policy(text: string): Promise<unknown> {
  const loaded = await loadPolicy({ file: 'lockseal.yaml', text }, { now: 0, read: async () => undefined });
  return [loaded.status === 'ok' ? 'ok' : loaded.problems, readCases(text, 'cases.yaml')];
}

/** The small grammars, which stand in many places. */
function words(text: string): unknown {
  const pattern = parsePackagePattern(text);
  return [
    parseIntegrity(text),
    parseSpecifier('a', text),
    parseSpecifier('a', text, 'tag'),
    'fault' in pattern ? pattern : pattern.matches('@acme/widgets', '1.2.3'),
    new JsonNode({ [text]: text }, '').keys(),
  ];
}

function config(text: string): unknown {
  const read = (layer: () => unknown): unknown => coded(/^ERR_CONFIG$/, layer);
  return [
    read(() => npmLayer('.npmrc', parseNpmrc(text, {}), text)),
    read(() => yarnBerryLayer('.yarnrc.yml', text, {})),
    read(() => yarnClassicLayer('.yarnrc', text)),
    read(() => bunfigLayer('bunfig.toml', text, {})),
  ];
}

/** Both ways through a packument, in pieces that end anywhere. */
async function packument(bytes: Uint8Array): Promise<unknown> {
  const invalid = /^ERR_RESPONSE_INVALID$/;
  const [whole, pieces] = await Promise.all([
    codedAsync(invalid, () => cutVersion(chunks(bytes), '1.0.0', 1 << 20)),
    codedAsync(invalid, () => cutVersion(chunks(bytes, 7), '1.0.0', 1 << 20)),
  ]);
  assert.deepEqual(pieces, whole, 'where chunks end changes nothing');
  return [whole, await codedAsync(invalid, async () => parseHistory(await boilHistory(chunks(bytes, 11))))];
}

/** Unpacked at once, as small tarballs are, and piece by piece, as large ones. */
async function tarball(bytes: Uint8Array): Promise<unknown> {
  const invalid = /^ERR_(?:TARBALL_UNREADABLE|RESPONSE_TOO_LARGE)$/;
  const options = { limits: LIMITS };
  const [whole, pieces] = await Promise.all([
    codedAsync(invalid, () => readTarball(chunks(bytes), options)),
    codedAsync(invalid, async () => readPieces(chunks(bytes, 1 << 16), await openReading(options))),
  ]);
  assert.deepEqual(pieces, whole, 'both ways say the same');
  return whole;
}

/** What a pack unpacks to. The fuzzer comes by no digest: the header is made to fit the lines. */
function pack(bytes: Uint8Array): unknown {
  return coded(/^ERR_EVIDENCE_/, () => {
    const lines = Buffer.from(bytes).toString('latin1').split('\n');
    const texts = lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'latin1'));
    const asked = texts.map((text): PackLine => ({ ...questionOf(text, 'a line'), text })).toSorted(compareQuestions);
    const { bytes: file } = writePack({
      lockseal: ['1.0.0'],
      lines: new Map(asked.map((line) => [idOf(line), line])),
    });
    const read = readPack(file);
    assert.deepEqual(writePack(read).bytes, file, 'what is written again is the same bytes');
    return [...read.lines.values()].map((line) => coded(/^ERR_(?:EVIDENCE_|RESPONSE_INVALID)/, () => answerOf(line)));
  });
}

function answerOf(line: PackLine): unknown {
  switch (line.part) {
    case 'trust':
      return readTrust(line);
    case 'keys':
      return answerIn(line, (answer) => decodeAnswer(answer, decodeKeys));
    case 'documents':
      return answerIn(line, (answer) => decodeAnswer(answer, decodeDocument));
    case 'attestations':
      return answerIn(line, (answer) => decodeAnswer(answer, decodeAttestations));
    case 'histories':
      return answerIn(line, (answer) => decodeAnswer(answer, decodeHistory));
    case 'tarballs':
      return answerIn(line, (answer) => decodeAnswer(answer, decodeTarball));
  }
}

/** A pattern on the first line, a text on the rest: what is accepted says what JavaScript says. */
function pattern(given: string): unknown {
  const [source = '', ...rest] = given.split('\n');
  const text = rest.join('\n');
  let matches: boolean;
  try {
    matches = compilePattern(source)(text);
  } catch (thrown) {
    if (thrown instanceof PatternError) return thrown.message;
    throw thrown;
  }
  const reference = new RegExp(`^(?:${source})$`, 'u');
  // JavaScript's own may take for ever, which is why it is not used.
  if (source.length + text.length <= 24) assert.equal(matches, reference.test(text));
  return matches;
}

async function* chunks(bytes: Uint8Array, size = 1 << 16): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
