import { createHash } from 'node:crypto';

/** Lower-case hex sha256. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
