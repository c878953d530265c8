const MiB = 1024 * 1024;

/** Bytes of each kind of answer, after decompression. */
export interface ResponseLimits {
  readonly versionDocument: number;
  readonly packument: number;
  readonly attestations: number;
  readonly keys: number;
  readonly tarball: number;
}

export const RESPONSE_LIMITS: ResponseLimits = {
  versionDocument: 8 * MiB,
  packument: 128 * MiB,
  attestations: 16 * MiB,
  keys: MiB,
  tarball: 1024 * MiB,
};
