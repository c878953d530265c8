import { createHash } from 'node:crypto';
import { JsonNode, ShapeError, type Json } from '@lockseal/core';
import type { TrustMaterial } from '../trust/load.ts';
import { idOf, lineOf, malformed, valueIn, type PackContent, type PackLine } from './format.ts';
import { TRUST } from './questions.ts';

type RootMaterial = TrustMaterial['trustedRoot'];

const ORIGINS = ['embedded', 'tuf', 'file'] as const;
const MAX_BYTES = 1024 * 1024;

/** The trusted root that was used when evidence was gathered, byte for byte. */
export function trustLine({ bytes, origin, asOf }: Omit<RootMaterial, 'sha256'>): PackLine {
  const trustedRoot: Json = { text: Buffer.from(bytes).toString('utf8'), origin, ...(asOf !== undefined && { asOf }) };
  return lineOf(TRUST, { trustedRoot });
}

/** The maker's trusted root; to be used only for a pack whose digest the user gave. @throws LocksealError ERR_EVIDENCE_PACK */
export function trustIn(content: PackContent): RootMaterial {
  const line = content.lines.get(idOf(TRUST));
  if (line === undefined) throw malformed('it does not say by which trusted root it was made');
  return readTrust(line);
}

export function readTrust(line: PackLine): RootMaterial {
  try {
    const root = new JsonNode(valueIn(line), '').only('trustedRoot').member('trustedRoot');
    root.only('text', 'origin', 'asOf');
    const bytes = Buffer.from(root.member('text').text(MAX_BYTES));
    const named = root.member('origin').text(64);
    const origin = ORIGINS.find((each) => each === named);
    if (origin === undefined) throw new ShapeError(`${root.path}.origin`, `is none of ${ORIGINS.join(', ')}`);
    const asOf = root.optional('asOf')?.instant().toISOString();
    return { bytes, origin, asOf, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (cause) {
    if (cause instanceof ShapeError) throw malformed(cause.message, cause);
    throw cause;
  }
}
