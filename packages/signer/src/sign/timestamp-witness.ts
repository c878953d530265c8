import { createHash } from 'node:crypto';
import type { Witness } from '@sigstore/sign';
import { signatureOf } from './signed-content.ts';
import type { ServiceClient } from './service-client.ts';

/**
 * Has the signature stamped by an RFC 3161 authority that takes requests in JSON.
 * https://github.com/sigstore/timestamp-authority/blob/main/openapi.yaml (getTimestampResponse)
 */
export function timestampWitness(url: string, client: ServiceClient): Witness {
  return {
    async testify(content) {
      const artifactHash = createHash('sha256').update(signatureOf(content)).digest('base64');
      const body = { artifactHash, hashAlgorithm: 'sha256' };
      const { bytes } = await client.ask({ service: 'timestamp authority', url: endpointOf(url), body });
      return { rfc3161Timestamps: [{ signedTimestamp: bytes }] };
    },
  };
}

/** Signing configurations give the whole URL; people give the host. */
function endpointOf(url: string): string {
  return URL.parse(url)?.pathname === '/' ? `${url.replace(/\/$/, '')}/api/v1/timestamp` : url;
}
