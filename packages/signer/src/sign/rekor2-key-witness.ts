import type { KeyObject } from 'node:crypto';
import { LocksealError } from '@lockseal/core';
import { envelopeToJSON, type TransparencyLogEntry as LoggedEntry } from '@sigstore/bundle';
import { TransparencyLogEntry } from '@sigstore/protobuf-specs';
import type { Witness } from '@sigstore/sign';

const MAX_ANSWER = 1024 * 1024;

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_common.proto (PublicKeyDetails) */
const KEY_DETAILS: Readonly<Record<string, string>> = {
  prime256v1: 'PKIX_ECDSA_P256_SHA_256',
  secp384r1: 'PKIX_ECDSA_P384_SHA_256',
  ed25519: 'PKIX_ED25519',
};

/**
 * Logs an envelope in a Rekor 2 under the public key that signed it. @sigstore/sign has a witness for Rekor 2, but it
 * announces whatever it has as an X.509 certificate, which a log cannot decode where it is a bare key.
 * https://github.com/sigstore/rekor-tiles/blob/main/api/proto/rekor/v2/dsse.proto
 */
export function rekor2KeyWitness(url: string, publicKey: KeyObject, timeoutMs: number): Witness {
  const keyDetails = KEY_DETAILS[publicKey.asymmetricKeyDetails?.namedCurve ?? publicKey.asymmetricKeyType ?? ''];
  const rawBytes = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    async testify(content) {
      if (content.$case !== 'dsseEnvelope') throw new LocksealError('ERR_INTERNAL', 'Only envelopes are logged.');
      const verifiers = [{ keyDetails, publicKey: { rawBytes } }];
      const body = { dsseRequestV002: { envelope: envelopeToJSON(content.dsseEnvelope), verifiers } };
      const answer = await post(`${url}/api/v2/log/entries`, JSON.stringify(body), timeoutMs);
      return { tlogEntries: [TransparencyLogEntry.fromJSON(answer) as LoggedEntry] };
    },
  };
}

async function post(url: string, body: string, timeoutMs: number): Promise<unknown> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' }).catch(
    (cause: unknown) => {
      throw refused(url, cause instanceof Error ? cause.message : String(cause), cause);
    },
  );
  const text = await response.text();
  if (!response.ok) throw refused(url, `status ${response.status}: ${text.slice(0, 300)}`);
  if (text.length > MAX_ANSWER) throw refused(url, 'an answer that is too large');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(url, 'an answer that is not JSON', cause);
  }
}

function refused(url: string, found: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_SIGNING', `The log ${url} did not take the entry.`, { found, cause });
}
