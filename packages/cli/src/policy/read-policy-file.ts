import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core/approval';
import type { PolicySource, ReadRefusal } from '@lockseal/policy/approvals';
import { readAtRef } from '../approval/git.ts';
import { relativePath } from '../approval/place.ts';

const MAX_BYTES = 1024 * 1024;

/** Where policy files are read from: the working tree, or a git ref of it. */
export interface PolicyTree {
  /** Absolute path of the root of the repository, or of the lockfile's folder where there is none. */
  readonly root: string;
  readonly ref: string | undefined;
}

/** A policy file as it stands in its tree; undefined: there is none. @throws LocksealError ERR_CONFIG */
export async function readPolicyFile(file: string, tree: PolicyTree): Promise<PolicySource | undefined> {
  const bytes = tree.ref === undefined ? await readWorking(file) : await readAtRefInside(file, tree.root, tree.ref);
  if (bytes === undefined) return undefined;
  return { file: nameOf(file, tree.root), text: decode(bytes, file) };
}

/** What a policy extends: a path from the folder of the file that names it, or an installed package. */
export async function readReference(
  reference: string,
  from: PolicySource,
  tree: PolicyTree,
): Promise<PolicySource | ReadRefusal | undefined> {
  const directory = path.dirname(path.resolve(tree.root, from.file));
  // Loaded here, because most policies extend nothing but presets, and enforcing waits for this module.
  const { findPackagePolicy, isPackageReference } = await import('./package-policy.ts');
  if (!isPackageReference(reference)) return readPolicyFile(path.resolve(directory, reference), tree);
  if (tree.ref !== undefined) {
    return {
      refused: `is a package, which a git ref (${tree.ref}) does not hold`,
      hint: 'Copy its policy into the repository and give the path, or give the policy with --policy.',
    };
  }
  const found = await findPackagePolicy(reference, directory);
  return found === undefined || 'refused' in found ? found : readPolicyFile(found.file, tree);
}

/** Relative to the root, with forward slashes, so that messages are the same everywhere; absolute outside of it. */
function nameOf(file: string, root: string): string {
  const relative = relativePath(root, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readWorking(file: string): Promise<Uint8Array | undefined> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw unusable(file, cause.message);
  });
  if (found === undefined) return undefined;
  if (!found.isFile() || found.size > MAX_BYTES) throw unusable(file, `${found.size} bytes, or no file`);
  return readFile(file);
}

async function readAtRefInside(file: string, root: string, ref: string): Promise<Uint8Array | undefined> {
  const name = relativePath(root, file);
  if (name.startsWith('..') || path.isAbsolute(name)) throw unusable(file, 'it lies outside of the repository');
  return readAtRef(root, ref, name);
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unusable(file, 'bytes that are not UTF-8');
  }
}

function unusable(file: string, found: string): LocksealError {
  return new LocksealError('ERR_CONFIG', 'The policy cannot be read.', {
    file,
    expected: `a text file of at most ${MAX_BYTES} bytes`,
    found,
  });
}
