import { LocksealError, parseStrictJson } from '@lockseal/core';

/** A transparency log. Rekor 1 vouches for the time itself; 2 needs a timestamp authority beside it. */
export interface LogService {
  readonly url: string;
  readonly majorApiVersion: 1 | 2;
}

/** The services that take part in signing. URLs without trailing slash. */
export interface SigningServices {
  /** Certificate authority; undefined where a key signs. */
  readonly fulcio: string | undefined;
  readonly log: LogService | undefined;
  /** The whole URL of the RFC 3161 endpoint. */
  readonly timestampAuthority: string | undefined;
}

/** The public-good instance: its log is a Rekor 1, which vouches for the time. */
export const PUBLIC_GOOD: SigningServices = {
  fulcio: 'https://fulcio.sigstore.dev',
  log: { url: 'https://rekor.sigstore.dev', majorApiVersion: 1 },
  timestampAuthority: undefined,
};

/**
 * The newest services of a Sigstore signing configuration that are in force now.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto (SigningConfig)
 * @throws LocksealError ERR_CONFIG
 */
export async function parseSigningConfig(bytes: Uint8Array, now: Date): Promise<SigningServices> {
  const { SigningConfig, ServiceSelector } = await import('@sigstore/protobuf-specs');
  const config = read(bytes, (json) => SigningConfig.fromJSON(json));
  if (!Buffer.from(bytes).includes('signingconfig.v0.2')) throw wrong('its media type is not that of version 0.2');
  for (const selection of [config.rekorTlogConfig, config.tsaConfig]) {
    if (selection !== undefined && selection.selector !== ServiceSelector.ANY)
      throw wrong('it asks for several services');
  }
  const log = config.rekorTlogConfig === undefined ? undefined : newest(config.rekorTlogUrls, 2, now);
  return {
    fulcio: newest(config.caUrls, 1, now)?.url,
    log: log === undefined ? undefined : { url: log.url, majorApiVersion: log.majorApiVersion === 2 ? 2 : 1 },
    timestampAuthority: config.tsaConfig === undefined ? undefined : newest(config.tsaUrls, 1, now)?.url,
  };
}

interface Service {
  readonly url: string;
  readonly majorApiVersion: number;
  readonly validFor?: { readonly start?: Date | undefined; readonly end?: Date | undefined } | undefined;
}

function newest(services: readonly Service[], highest: number, now: Date): Service | undefined {
  const [first] = services
    .filter(({ majorApiVersion }) => majorApiVersion >= 1 && majorApiVersion <= highest)
    .filter(({ validFor }) => (validFor?.start?.getTime() ?? 0) <= now.getTime())
    .filter(({ validFor }) => validFor?.end === undefined || validFor.end >= now)
    .toSorted((a, b) => (b.validFor?.start?.getTime() ?? 0) - (a.validFor?.start?.getTime() ?? 0));
  if (first === undefined) throw wrong('it names no service that is in force and of a known version');
  return { ...first, url: first.url.replace(/\/+$/, '') };
}

function read<T>(bytes: Uint8Array, decode: (json: unknown) => T): T {
  try {
    return decode(parseStrictJson(bytes));
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function wrong(problem: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_CONFIG', `The signing configuration cannot be used: ${problem}.`, {
    hint: 'Give a Sigstore signing_config.v0.2.json.',
    cause,
  });
}
