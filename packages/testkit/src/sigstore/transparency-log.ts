import { canonicalize, type Json } from '@lockseal/core';
import { generateSigningKey, sha256, signWith, type SigningKey } from './keys.ts';
import { createMerkleTree } from './merkle-tree.ts';
import type { EntryBody, EntryKind } from './log-entries.ts';

/** One entry of a transparency log as a bundle carries it (binary members as bytes). */
export interface LogEntry extends EntryKind {
  /** Index over all shards of the log; what bundles call `logIndex`. */
  readonly logIndex: number;
  readonly logId: Buffer;
  readonly canonicalizedBody: Buffer;
  /** Rekor v1 only: seconds since 1970, and the log's promise that covers them. */
  readonly integrated: { readonly time: number; readonly signedEntryTimestamp: Buffer } | undefined;
  readonly inclusionProof: {
    /** Index within the shard. */
    readonly logIndex: number;
    readonly treeSize: number;
    readonly rootHash: Buffer;
    readonly hashes: readonly Buffer[];
    /** Signed note: origin, size, root; then the log's signature. */
    readonly checkpoint: string;
  };
}

/** A transparency log over a real Merkle tree. */
export interface TransparencyLog {
  readonly api: 1 | 2;
  /** The trusted root's `baseUrl`; checkpoints are signed in its host's name. */
  readonly baseUrl: string;
  readonly key: SigningKey;
  readonly logId: Buffer;
  append(body: EntryBody, at: Date): LogEntry;
}

/** Rekor v1 numbers entries over all its shards; this is how many lie before the shard that is kept here. */
const EARLIER_SHARDS = 1000;

/** Rekor v1: ECDSA P-256, promises entries at once (SET) and proves inclusion. */
export function createRekorV1(): TransparencyLog {
  const key = generateSigningKey('P-256');
  return createLog({
    api: 1,
    host: 'rekor.sigstore.test',
    origin: 'rekor.sigstore.test - 2605736670972794746',
    key,
    logId: sha256(key.spki),
    offset: EARLIER_SHARDS,
  });
}

/** Rekor v2: Ed25519, no promise and no time of its own; the log id is the checkpoint's key id (C2SP signed-note). */
export function createRekorV2(): TransparencyLog {
  const key = generateSigningKey('Ed25519');
  const host = 'log2025-1.rekor.sigstore.test';
  const logId = sha256(Buffer.from(`${host}\n`), Buffer.of(0x01), key.spki.subarray(-32));
  return createLog({ api: 2, host, origin: host, key, logId, offset: 0 });
}

interface LogConfiguration {
  readonly api: 1 | 2;
  readonly host: string;
  readonly origin: string;
  readonly key: SigningKey;
  readonly logId: Buffer;
  readonly offset: number;
}

function createLog(log: LogConfiguration): TransparencyLog {
  const tree = createMerkleTree();
  return {
    api: log.api,
    baseUrl: `https://${log.host}`,
    key: log.key,
    logId: log.logId,
    append(body, at) {
      const canonicalizedBody = Buffer.from(
        canonicalize({ apiVersion: body.version, kind: body.kind, spec: body.spec as Json }),
      );
      const index = tree.append(canonicalizedBody);
      // Others write to the log too: without them every proof would consist of left siblings only.
      for (let other = 0; other < index % 4; other++)
        tree.append(Buffer.from(`entry of somebody else ${index}.${other}`));
      const entry = { logIndex: index + log.offset, logId: log.logId, canonicalizedBody };
      return {
        ...entry,
        kind: body.kind,
        version: body.version,
        integrated: log.api === 1 ? promise(log.key, entry, at) : undefined,
        inclusionProof: {
          logIndex: index,
          treeSize: tree.size,
          rootHash: tree.root(),
          hashes: tree.inclusionProof(index),
          checkpoint: checkpoint(log, tree.size, tree.root()),
        },
      };
    },
  };
}

type Promised = Pick<LogEntry, 'logIndex' | 'logId' | 'canonicalizedBody'>;

function promise(key: SigningKey, entry: Promised, at: Date): NonNullable<LogEntry['integrated']> {
  const time = Math.floor(at.getTime() / 1000);
  const payload = canonicalize({
    body: entry.canonicalizedBody.toString('base64'),
    integratedTime: time,
    logIndex: entry.logIndex,
    logID: entry.logId.toString('hex'),
  });
  return { time, signedEntryTimestamp: signWith(key, Buffer.from(payload)) };
}

/** https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md */
function checkpoint(log: LogConfiguration, size: number, root: Buffer): string {
  const note = `${log.origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = Buffer.concat([log.logId.subarray(0, 4), signWith(log.key, Buffer.from(note))]);
  return `${note}\n\u2014 ${log.host} ${signature.toString('base64')}\n`;
}
