import { Key, Metadata, MetaFile, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models';
import { generateSigningKey, pem, sha256, signWith, type SigningKey } from './keys.ts';

export type TufRole = 'root' | 'timestamp' | 'snapshot' | 'targets';

/** A TUF repository (https://theupdateframework.github.io/specification/) with consistent snapshots, made anew on demand. */
export interface TufRepository {
  /** The first root, which clients pin. */
  readonly rootJson: string;
  /** Signs timestamp, snapshot and targets anew over what the targets now are, with higher versions. */
  refresh(): void;
  /** Publishes a new root, signed by the old key and the new one, and moves every role to the new key. */
  rotateRoot(): void;
  /** From the next `refresh` (or, for `root`, `rotateRoot`) on, a role expires at this time. */
  expire(role: TufRole, at: Date): void;
  /** A file by its path below the repository's URL. */
  file(path: string): Buffer | undefined;
}

interface RoleKey extends SigningKey {
  readonly id: string;
}

/** @param targets what the repository serves, by target name; read at each refresh */
export function createTufRepository(targets: () => ReadonlyMap<string, Buffer>, clock: () => Date): TufRepository {
  const files = new Map<string, Buffer>();
  const expiry = new Map<TufRole, Date>();
  let key = createRoleKey();
  let rootVersion = 0;
  let version = 0;

  const common = (role: TufRole, of: number): { version: number; specVersion: string; expires: string } => ({
    version: of,
    specVersion: '1.0.0',
    expires: (expiry.get(role) ?? yearAfter(clock())).toISOString().replace(/\.\d+Z$/, 'Z'),
  });
  const publishRoot = (signers: readonly RoleKey[]): string => {
    rootVersion += 1;
    const root = new Root({ ...common('root', rootVersion), consistentSnapshot: true });
    for (const role of ['root', 'timestamp', 'snapshot', 'targets']) root.addKey(tufKey(key), role);
    const text = signed(new Metadata(root), signers);
    files.set(`${rootVersion}.root.json`, Buffer.from(text));
    return text;
  };
  const refresh = (): void => {
    version += 1;
    const current = targets();
    for (const [name, content] of current) files.set(`targets/${consistentName(name, content)}`, content);
    const targetsText = signed(targetsMetadata(common('targets', version), current), [key]);
    const snapshot = { ...common('snapshot', version), meta: { 'targets.json': metaFile(targetsText, version) } };
    const snapshotText = signed(new Metadata(new Snapshot(snapshot)), [key]);
    const timestamp = { ...common('timestamp', version), snapshotMeta: metaFile(snapshotText, version) };
    files.set(`${version}.targets.json`, Buffer.from(targetsText));
    files.set(`${version}.snapshot.json`, Buffer.from(snapshotText));
    files.set('timestamp.json', Buffer.from(signed(new Metadata(new Timestamp(timestamp)), [key])));
  };

  const rootJson = publishRoot([key]);
  refresh();
  return {
    rootJson,
    refresh,
    rotateRoot() {
      const old = key;
      key = createRoleKey();
      publishRoot([old, key]);
      refresh();
    },
    expire: (role, at) => void expiry.set(role, at),
    file: (path) => files.get(path),
  };
}

function createRoleKey(): RoleKey {
  const key = generateSigningKey('P-256');
  return { ...key, id: sha256(key.spki).toString('hex') };
}

function tufKey(key: RoleKey): Key {
  const scheme = 'ecdsa-sha2-nistp256';
  return new Key({ keyID: key.id, keyType: 'ecdsa', scheme, keyVal: { public: pem('PUBLIC KEY', key.spki) } });
}

function targetsMetadata(
  common: { version: number; specVersion: string; expires: string },
  current: ReadonlyMap<string, Buffer>,
): Metadata<Targets> {
  const targets = new Targets(common);
  for (const [path, content] of current) {
    const hashes = { sha256: sha256(content).toString('hex') };
    targets.addTarget(new TargetFile({ path, length: content.length, hashes }));
  }
  return new Metadata(targets);
}

function signed(metadata: Metadata<Root | Timestamp | Snapshot | Targets>, signers: readonly RoleKey[]): string {
  for (const signer of signers) {
    metadata.sign((data) => new Signature({ keyID: signer.id, sig: signWith(signer, data).toString('hex') }));
  }
  return JSON.stringify(metadata.toJSON());
}

function metaFile(text: string, version: number): MetaFile {
  const hashes = { sha256: sha256(Buffer.from(text)).toString('hex') };
  return new MetaFile({ version, length: Buffer.byteLength(text), hashes });
}

/** `dir/name` as `dir/<sha256>.name`. */
function consistentName(name: string, content: Buffer): string {
  const slash = name.lastIndexOf('/') + 1;
  return `${name.slice(0, slash)}${sha256(content).toString('hex')}.${name.slice(slash)}`;
}

function yearAfter(date: Date): Date {
  return new Date(date.getTime() + 365 * 24 * 60 * 60_000);
}
