import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  attestationKeys,
  canonicalize,
  createBundleVerifier,
  isExactVersion,
  isPackageName,
  LocksealError,
  parseStrictJson,
  type BundleVerifier,
  type Json,
  type PackageVersion,
  type RegistryKey,
  type VerifiedBundle,
} from '@lockseal/core';
import { renderAttestation, renderAttestationJson, type InspectedAttestation } from '@lockseal/report';
import { flagOption, textOption } from '../args.ts';
import { openEvidence, type Evidence } from '../evidence/open-evidence.ts';
import { decodeEvidenceOptions, withEvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import { widthOf, type Console } from '../io/console.ts';
import { styleFor } from '../io/render-error.ts';
import type { Command } from './command.ts';

/** Largest file of bundles that is read, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

interface FoundBundle {
  readonly source: string;
  readonly bundle: unknown;
}

/** `lockseal inspect`: attestations as a person wants to read them; unverified ones say so first. */
export const inspect: Command = {
  builder: (program) =>
    withEvidenceOptions(program)
      .positional('what', { type: 'string', describe: 'a file with Sigstore bundles, or name@version' })
      .option('json', { type: 'boolean', describe: 'For programs; one document a line' })
      .example('$0 inspect sigstore@2.3.1', "a published version's attestations, from its registry")
      .example('$0 inspect bundle.sigstore.json', 'a bundle in a file'),
  run: async (raw, console) => {
    const what = textOption(raw, 'what') ?? '';
    const options = decodeEvidenceOptions(raw, console);
    const evidence = await openEvidence(options, { directory: console.cwd, format: undefined }, console);
    try {
      const version = parseSpec(what);
      const found =
        version === undefined ? await readBundles(what, console) : await fetchBundles(version, what, evidence);
      const keys = version === undefined ? evidence.keys : await keysFor(version, evidence);
      return show(found, keys, evidence, flagOption(raw, 'json'), console);
    } finally {
      evidence.close();
    }
  },
};

function parseSpec(text: string): PackageVersion | undefined {
  const at = text.lastIndexOf('@');
  const [name, version] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && isPackageName(name) && isExactVersion(version)
    ? { name, version, namedRegistry: undefined }
    : undefined;
}

async function fetchBundles(version: PackageVersion, source: string, evidence: Evidence): Promise<FoundBundle[]> {
  const answer = await evidence.source.attestations(version);
  switch (answer.status) {
    case 'ok':
      return answer.value.map(({ bundle }) => ({ source, bundle }));
    case 'absent':
      return [];
    case 'unavailable':
      throw new LocksealError(answer.error, `The attestations of ${source} could not be had.`, {
        found: answer.reason,
      });
  }
}

async function keysFor(version: PackageVersion, evidence: Evidence): Promise<readonly RegistryKey[]> {
  const answer = await evidence.source.keys(version);
  return answer.status === 'ok' ? answer.value : evidence.keys;
}

/** One bundle, a registry's answer (`{attestations: [{bundle}]}`), or one JSON document a line. */
async function readBundles(what: string, console: Console): Promise<FoundBundle[]> {
  const file = path.resolve(console.cwd, what);
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new LocksealError('ERR_USAGE', `${what} is neither a file nor name@version.`, {
      file,
      found: cause.message,
      hint: 'Give the path of a bundle, or an exact version: `lockseal inspect sigstore@2.3.1`.',
      cause,
    });
  });
  if (bytes.length > MAX_BYTES) {
    throw new LocksealError('ERR_BUNDLE_MALFORMED', `${what} is larger than ${MAX_BYTES} bytes.`, { file });
  }
  const isLines = what.endsWith('.jsonl');
  const documents = isLines
    ? bytes
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
    : [bytes];
  return documents.flatMap((document) => bundlesIn(parseDocument(document, what), what));
}

function parseDocument(document: string | Uint8Array, file: string): unknown {
  try {
    return parseStrictJson(typeof document === 'string' ? Buffer.from(document) : document);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new LocksealError('ERR_BUNDLE_MALFORMED', `${file} is not JSON.`, { file, found, cause });
  }
}

function bundlesIn(document: unknown, source: string): FoundBundle[] {
  const listed = memberOf(document, 'attestations');
  if (!Array.isArray(listed)) return [{ source, bundle: memberOf(document, 'bundle') ?? document }];
  return listed.map((each: unknown) => ({ source, bundle: memberOf(each, 'bundle') ?? each }));
}

function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Record<string, unknown>)[name] : undefined;
}

function show(
  found: readonly FoundBundle[],
  keys: readonly RegistryKey[],
  evidence: Evidence,
  asJson: boolean,
  console: Console,
): number {
  if (found.length === 0) {
    throw new LocksealError('ERR_BUNDLE_MALFORMED', 'There is no attestation to show.', {
      hint: 'The registry has none for this version. A mirror may strip them: try --attestations-registry.',
    });
  }
  const verifier = createBundleVerifier(evidence.trustedRoot, attestationKeys(keys));
  const inspected = found.map((each) => inspectBundle(each, verifier, keys));
  const view = { style: styleFor(console.stdout, console.env), columns: widthOf(console.stdout) };
  const texts = inspected.map((each) => (asJson ? renderAttestationJson(each) : renderAttestation(each, view)));
  console.stdout.write(texts.join(asJson ? '' : '\n'));
  return inspected.every(({ check }) => check.status === 'verified') ? EXIT.good : EXIT.findings;
}

function inspectBundle(
  { source, bundle }: FoundBundle,
  verifier: BundleVerifier,
  keys: readonly RegistryKey[],
): InspectedAttestation {
  const digest = createHash('sha256')
    .update(canonicalize(bundle as Json))
    .digest('hex');
  const verdict = verifier.verify(bundle);
  if (verdict.status === 'verified') return describeVerified(source, digest, verdict, keys);
  return {
    source,
    digest,
    check: { status: 'unverified', code: undefined, reason: verdict.reason },
    signer: { type: 'unknown' },
    signedAt: undefined,
    timeSource: undefined,
    logIndex: undefined,
    statement: claimedStatement(bundle),
  };
}

function describeVerified(
  source: string,
  digest: string,
  bundle: VerifiedBundle,
  keys: readonly RegistryKey[],
): InspectedAttestation {
  const { signer, content, signedAt, logIndex } = bundle;
  const isCertificate = signer.kind === 'certificate';
  return {
    source,
    digest,
    check: { status: 'verified', checked: isCertificate ? CERTIFICATE_CHECKS : KEY_CHECKS },
    signer: isCertificate
      ? { type: 'identity', identity: signer.identity }
      : { type: 'key', keyid: signer.keyid, origin: keys.find(({ keyid }) => keyid === signer.keyid)?.origin },
    signedAt,
    timeSource: logIndex === undefined ? 'timestamp' : 'log',
    logIndex,
    statement: content.kind === 'dsse' ? parsePayload(content.payload) : undefined,
  };
}

const COMMON_CHECKS = ['DSSE signature', 'transparency log entry', 'signing time'];
const CERTIFICATE_CHECKS = ['certificate chain to the Fulcio root', 'certificate transparency', ...COMMON_CHECKS];
const KEY_CHECKS = ['registry key, valid at that time', ...COMMON_CHECKS];

/** What an unverified bundle claims to say; nothing vouches for it. */
function claimedStatement(bundle: unknown): unknown {
  const payload = memberOf(memberOf(bundle, 'dsseEnvelope'), 'payload');
  return typeof payload === 'string' ? parsePayload(Buffer.from(payload, 'base64')) : undefined;
}

function parsePayload(payload: Uint8Array): unknown {
  try {
    return parseStrictJson(payload);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
