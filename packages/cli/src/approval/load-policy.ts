import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError, parseApprovalPolicy, type ApprovalPolicy } from '@lockseal/core/approval';
import type { RawArgs } from '../args.ts';
import { textOption } from '../args.ts';
import type { Console } from '../io/console.ts';
import { readAtRef } from './git.ts';
import { relativePath, type Place } from './place.ts';

const POLICY_FILE = 'lockseal.yaml';
const MAX_BYTES = 1024 * 1024;

/** Where the policy comes from. */
export interface PolicyOptions {
  /** Absolute path; undefined: `lockseal.yaml` at the root of the repository. */
  readonly file: string | undefined;
  /** Git ref whose version of the file counts, rather than the one that lies here. */
  readonly ref: string | undefined;
}

/** The part of a policy that is about approvals, and the digest of the whole file. */
export interface LoadedPolicy {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly approvals: ApprovalPolicy;
}

export function decodePolicyOptions(args: RawArgs, { cwd }: Pick<Console, 'cwd'>): PolicyOptions {
  const file = textOption(args, 'policy');
  return { file: file === undefined ? undefined : path.resolve(cwd, file), ref: textOption(args, 'policy-ref') };
}

/** @throws LocksealError ERR_CONFIG where there is no policy, or it says nothing usable of approvals */
export async function loadPolicy(options: PolicyOptions, place: Place): Promise<LoadedPolicy> {
  const file = options.file ?? path.join(place.root, POLICY_FILE);
  const bytes = await readPolicy(file, options.ref, place);
  const value = await parseDocument(bytes, file);
  const approvals: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'approvals')
      ? (value as { readonly approvals: unknown }).approvals
      : undefined;
  if (approvals === undefined) throw noPolicy(file, 'no member `approvals`');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: path.basename(file), sha256, approvals: withFile(file, () => parseApprovalPolicy(approvals)) };
}

async function readPolicy(file: string, ref: string | undefined, place: Place): Promise<Uint8Array> {
  if (ref !== undefined) {
    const bytes = await readAtRef(place.root, ref, relativePath(place.root, file));
    if (bytes === undefined) throw noPolicy(file, `none at ${ref}`);
    return bytes;
  }
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw noPolicy(file, 'none');
  if (found.size > MAX_BYTES) throw noPolicy(file, `${found.size} bytes`);
  return readFile(file);
}

/** JSON, or YAML in the schema of JSON: no dates, no anchors that grow, no key twice. */
async function parseDocument(bytes: Uint8Array, file: string): Promise<unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (file.endsWith('.json')) return JSON.parse(text);
    const { JSON_SCHEMA, load } = await import('js-yaml');
    return load(text, { schema: JSON_SCHEMA, filename: file });
  } catch (cause) {
    throw new LocksealError('ERR_CONFIG', 'The policy is not well-formed.', {
      file,
      found: cause instanceof Error ? cause.message : String(cause),
      hint: 'Correct it; `approvals:` is explained in docs/statement-format.md.',
      cause,
    });
  }
}

function withFile<T>(file: string, parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof LocksealError)) throw thrown;
    throw new LocksealError(thrown.code, thrown.message, { ...thrown.details, file });
  }
}

function noPolicy(file: string, found: string): LocksealError {
  return new LocksealError('ERR_CONFIG', 'There is no policy that says who may approve.', {
    file,
    expected: 'a policy with `approvals:`',
    found,
    hint: 'Make a key with `lockseal trust keygen` and list it in lockseal.yaml, or give --policy.',
  });
}
