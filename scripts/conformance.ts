#!/usr/bin/env -S node --conditions=@lockseal/source
// The client under test of sigstore-conformance: https://github.com/sigstore/sigstore-conformance
//
//   npm run -s conformance -- sign-bundle [--in-toto] --identity-token TOKEN --bundle FILE [--trusted-root FILE]
//                             [--signing-config FILE] FILE
//   npm run -s conformance -- verify-bundle --bundle FILE (--certificate-identity SAN --certificate-oidc-issuer URL |
//                             --key FILE) [--trusted-root FILE] FILE_OR_DIGEST
//
// Exits with 0 where the bundle was made or is as expected, 1 where it is not, and 2 where nothing was decided. Without
// --trusted-root the embedded root of the public-good instance is trusted.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { LocksealError, parseStatement, parseTrustedRoot, STATEMENT_PAYLOAD_TYPE, verifyBundle } from '@lockseal/core';
import { loadTrust } from '@lockseal/registry';
import {
  parseSigningConfig,
  PUBLIC_GOOD,
  signStatements,
  type BundleJson,
  type InTotoStatement,
  type SigningServices,
} from '../packages/signer/src/index.ts';
import { signArtifact } from '../packages/signer/src/sign/sign-artifact.ts';
import { parseRequest, type Request } from './conformance/arguments.ts';
import { refusalOf, type Expectation } from './conformance/refusal.ts';

type SignRequest = Extract<Request, { readonly command: 'sign-bundle' }>;
type VerifyRequest = Extract<Request, { readonly command: 'verify-bundle' }>;

async function sign(request: SignRequest): Promise<string | undefined> {
  const artifact = readFileSync(request.file);
  const services = await servicesOf(request);
  const identityToken = async (): Promise<string> => request.identityToken;
  const method = { kind: 'keyless', services, identityToken, network: { environment: process.env } } as const;
  const bundle = request.inToto
    ? (await signStatements([statementOf(artifact)], method))[0]
    : await signArtifact(artifact, method);
  if (request.trustedRoot !== undefined) {
    const trust = parseTrustedRoot(readFileSync(request.trustedRoot));
    const verdict = verifyBundle(bundle as BundleJson, trust, { artifact });
    if (verdict.status === 'invalid') return verdict.reason;
  }
  writeFileSync(request.bundle, JSON.stringify(bundle));
  return undefined;
}

async function servicesOf(request: SignRequest): Promise<SigningServices & { readonly fulcio: string }> {
  if (request.staging && request.signingConfig === undefined) throw new Error('--staging needs --signing-config');
  const services =
    request.signingConfig === undefined
      ? PUBLIC_GOOD
      : await parseSigningConfig(readFileSync(request.signingConfig), new Date());
  if (services.fulcio === undefined) throw new Error('the signing configuration names no certificate authority');
  return { ...services, fulcio: services.fulcio };
}

function statementOf(bytes: Uint8Array): InTotoStatement<object> {
  const parsed = parseStatement(STATEMENT_PAYLOAD_TYPE, bytes);
  if (parsed.status !== 'ok') throw new LocksealError('ERR_STATEMENT', parsed.reason);
  return JSON.parse(Buffer.from(bytes).toString()) as InTotoStatement<object>;
}

async function verify(request: VerifyRequest): Promise<string | undefined> {
  const { signer } = request;
  return refusalOf({
    bundle: readFileSync(request.bundle),
    trustedRoot: await rootOf(request),
    artifact: artifactOf(request.fileOrDigest),
    signer: signer.kind === 'key' ? { kind: 'key', pem: readFileSync(signer.file) } : signer,
  });
}

async function rootOf({ trustedRoot, staging }: VerifyRequest): Promise<Uint8Array> {
  if (trustedRoot !== undefined) return readFileSync(trustedRoot);
  if (staging) throw new Error('--staging needs --trusted-root');
  return (await loadTrust({ offline: true, now: Date.now() })).trustedRoot.bytes;
}

/** A digest is one only where it has its prefix and length, and is no path on disk. */
function artifactOf(fileOrDigest: string): Expectation['artifact'] {
  const [, hex] = /^sha256:([0-9a-f]{64})$/i.exec(fileOrDigest) ?? [];
  if (hex === undefined || existsSync(fileOrDigest)) return readFileSync(fileOrDigest);
  return { sha256: Buffer.from(hex, 'hex') };
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const request = parseRequest(args);
    const refusal = await (request.command === 'sign-bundle' ? sign(request) : verify(request));
    if (refusal === undefined) return 0;
    console.error(`refused: ${refusal}`);
    return 1;
  } catch (thrown) {
    console.error(String(thrown));
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
