import type { ProgramFormat } from '@lockseal/core';

/** As many of a file's first bytes as `programFormat` looks at. */
export const HEAD_BYTES = 64;

const MAGIC: readonly (readonly [hex: string, ProgramFormat])[] = [
  ['7f454c46', 'elf'],
  ['feedface', 'mach-o'],
  ['feedfacf', 'mach-o'],
  ['cefaedfe', 'mach-o'],
  ['cffaedfe', 'mach-o'],
  ['0061736d', 'wasm'],
];
/** Universal Mach-O and Java classes begin alike; the next word is a count of machines, or a version from 45 on. */
const UNIVERSAL = 'cafebabe';
const MAX_MACHINES = 44;

/** What the first bytes of a file make it; undefined: text, data, or a format that no system runs by itself. */
export function programFormat(head: Uint8Array): ProgramFormat | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const start = bytes.toString('hex', 0, 4);
  const known = MAGIC.find(([magic]) => magic === start)?.[1];
  if (known !== undefined) return known;
  if (start === UNIVERSAL && bytes.length >= 8 && bytes.readUInt32BE(4) <= MAX_MACHINES) return 'mach-o';
  // The header of a Windows program has NUL bytes, which tell it from a text that begins alike.
  if (start.startsWith('4d5a') && bytes.length === HEAD_BYTES && bytes.includes(0)) return 'pe';
  return start.startsWith('2321') ? 'script' : undefined;
}
