import { canonicalize, type Json } from '@lockseal/core';
import type { InTotoStatement } from './types.ts';

/** The bytes that get signed: RFC 8785 JSON in UTF-8, so that equal statements have equal digests. */
export function encodeStatement(statement: InTotoStatement<object>): Uint8Array {
  return Buffer.from(canonicalize(statement as unknown as Json), 'utf8');
}
