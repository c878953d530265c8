import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { canonicalize, type Json } from '@lockseal/core';

type Signed = { readonly [key: string]: Json };

/** A TUF repository by path: one Ed25519 key in every role, consistent snapshots. https://theupdateframework.github.io/specification/ */
export function makeTufRepository(
  targets: Readonly<Record<string, string>>,
  rootFile: string,
  expires: string,
): ReadonlyMap<string, string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } };
  const keyid = createHash('sha256').update(canonicalize(key)).digest('hex');
  const role = { keyids: [keyid], threshold: 1 };
  const signed = (type: string, members: Signed): string => {
    const body = { _type: type, spec_version: '1.0.31', version: 1, expires, ...members };
    const sig = sign(null, Buffer.from(canonicalize(body)), privateKey).toString('hex');
    return JSON.stringify({ signatures: [{ keyid, sig }], signed: body });
  };
  const roles = { root: role, timestamp: role, snapshot: role, targets: role };
  writeFileSync(rootFile, signed('root', { consistent_snapshot: true, keys: { [keyid]: key }, roles }));
  const listed = Object.entries(targets).map(([name, text]) => [name, digestOf(text)] as const);
  return new Map([
    ['/timestamp.json', signed('timestamp', { meta: { 'snapshot.json': { version: 1 } } })],
    ['/1.snapshot.json', signed('snapshot', { meta: { 'targets.json': { version: 1 } } })],
    ['/1.targets.json', signed('targets', { targets: Object.fromEntries(listed) })],
    ...Object.entries(targets).map(([name, text]) => [`/targets/${consistentName(name, text)}`, text] as const),
  ]);
}

function digestOf(text: string): { readonly length: number; readonly hashes: { readonly sha256: string } } {
  return { length: Buffer.byteLength(text), hashes: { sha256: createHash('sha256').update(text).digest('hex') } };
}

function consistentName(name: string, text: string): string {
  const slash = name.lastIndexOf('/') + 1;
  return `${name.slice(0, slash)}${digestOf(text).hashes.sha256}.${name.slice(slash)}`;
}
