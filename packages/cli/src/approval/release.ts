import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import {
  buildRelease,
  encodeStatement,
  parseApprovalStatement,
  renderSbom,
  SBOM_MEDIA_TYPE,
  type ApprovalStatement,
  type InTotoStatement,
  type LockfileDigests,
  type ReleasePredicate,
} from '@lockseal/signer';
import { textOption, type RawArgs } from '../args.ts';
import type { Console } from '../io/console.ts';
import { writeFileAtomically } from '../io/write-file.ts';
import { hashLockfile } from './hash.ts';

/** The statement about the artifacts of a release, where some were named; it names the approval that it goes with. */
export async function signRelease(
  raw: RawArgs,
  approval: ApprovalStatement,
  console: Console,
): Promise<readonly InTotoStatement<ReleasePredicate>[]> {
  const sbom = await writeSbom(textOption(raw, 'sbom'), approval, console);
  const files = decodeFiles(raw);
  if (files.length === 0) return [];
  const parsed = parseApprovalStatement(encodeStatement(approval));
  const artifacts = await Promise.all(files.map((file) => hashArtifact(path.resolve(console.cwd, file))));
  const release = buildRelease({
    artifacts,
    lockfile: parsed.lockfile,
    packageSet: parsed.packageSet,
    approval: { sha256: parsed.digest, sequence: parsed.sequence },
    sbom,
    releasedAt: new Date(console.now()),
    source: parsed.source,
    role: parsed.role,
  });
  return [release];
}

function decodeFiles(raw: RawArgs): readonly string[] {
  const given = raw['release'] ?? [];
  const files: readonly unknown[] = Array.isArray(given) ? given : [given];
  return files.map((file) => {
    if (typeof file === 'string' && file !== '') return file;
    throw new LocksealError('ERR_USAGE', '--release needs files.', { hint: 'Write --release <file> <file>….' });
  });
}

async function hashArtifact(file: string): Promise<LockfileDigests> {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new LocksealError('ERR_USAGE', 'An artifact could not be read.', { file, found: cause.message, cause });
  });
  return hashLockfile(path.basename(file), bytes);
}

async function writeSbom(
  file: string | undefined,
  approval: ApprovalStatement,
  console: Console,
): Promise<ReleasePredicate['sbom']> {
  if (file === undefined) return null;
  const text = await renderSbom(approval);
  await writeFileAtomically(path.resolve(console.cwd, file), text);
  return { mediaType: SBOM_MEDIA_TYPE, digest: { sha256: hashLockfile(file, Buffer.from(text)).sha256 } };
}
