import assert from 'node:assert/strict';
import fs from 'node:fs';

/** Gives the first package of a lockfile the hash of the second and the other way round. */
export function swapHashes(lockfile: string): void {
  const text = fs.readFileSync(lockfile, 'utf8');
  const [first = '', second = ''] = text.match(/sha512-[A-Za-z0-9+/]{86}==/g) ?? [];
  assert.ok(first !== '' && second !== '' && first !== second);
  fs.writeFileSync(lockfile, text.replace(first, '\0').replace(second, first).replace('\0', second));
}
