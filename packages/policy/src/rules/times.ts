import type { Subject } from './rule.ts';

/** When a version was published. */
export interface ReleaseTime {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** A log or timestamp authority vouches for it; otherwise it is the registry's word. */
  readonly isTrusted: boolean;
}

const DAY = 86_400_000;

/**
 * The publish attestation is logged when the version is published, provenance shortly before; the later of the two is
 * the trusted time. Without either the registry's unsigned word counts: a registry that lies about time can still only
 * serve the locked bytes.
 */
export function releaseTimeOf({ evidence }: Subject): ReleaseTime | undefined {
  const { publishAttestation, provenance } = evidence.checks;
  const trusted = [
    publishAttestation.status === 'verified' ? publishAttestation.loggedAt : undefined,
    provenance.status === 'verified' ? provenance.signedAt : undefined,
  ].flatMap((time) => toMillis(time) ?? []);
  if (trusted.length > 0) return { at: Math.max(...trusted), isTrusted: true };
  const history = evidence.history?.status === 'verified' ? evidence.history.publishedAt : undefined;
  const told = toMillis(history) ?? toMillis(evidence.published?.publishedAt);
  return told === undefined ? undefined : { at: told, isTrusted: false };
}

export function toMillis(time: string | undefined): number | undefined {
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : at;
}

/** `2 days`, `5 hours`, for messages. */
export function spanText(millis: number): string {
  const [amount, unit] =
    millis >= 2 * DAY
      ? [millis / DAY, 'day']
      : millis >= 7_200_000
        ? [millis / 3_600_000, 'hour']
        : [millis / 60_000, 'minute'];
  const whole = Math.max(0, Math.floor(amount));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

/** `2026-11-22T10:00:00Z (a log vouches for it)`. */
export function timeText({ at, isTrusted }: ReleaseTime): string {
  const time = new Date(at).toISOString().replace('.000Z', 'Z');
  return `${time} (${isTrusted ? 'a log vouches for it' : "the registry's word"})`;
}
