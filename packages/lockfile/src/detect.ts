import { LocksealError, type LockfileFormat } from '@lockseal/core';
import { parseJson } from './json/parse.ts';
import { JsonObject, type JsonValue } from './json/value.ts';
import type { LockfileText } from './text.ts';

/** Names under which package managers look for their lockfiles; `yarn` leaves open which Yarn. */
export type LockfileKind = LockfileFormat | 'yarn' | 'bun-binary';

const NAMES: ReadonlyMap<string, LockfileKind> = new Map([
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  // node_modules/.package-lock.json: what npm has installed
  ['.package-lock.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun-binary'],
  ['deno.lock', 'deno'],
  ['vlt-lock.json', 'vlt'],
]);

/** pnpm with `gitBranchLockfile`: pnpm-lock.<branch>.yaml, where `!` stands for what a file name cannot hold. */
const PNPM_BRANCH = /^pnpm-lock\.[\w.!-]+\.yaml$/;

/** What the file name alone says; undefined for a name that no package manager reads. Windows separators count too. */
export function kindOfName(path: string): LockfileKind | undefined {
  const base = path.split(/[/\\]/).at(-1) ?? '';
  return NAMES.get(base) ?? (PNPM_BRANCH.test(base) ? 'pnpm' : undefined);
}

/**
 * The format of a lockfile: by its name, and by its content where the name is not one of the package managers' own
 * (a copy, say) or is shared (yarn.lock).
 * @throws LocksealError ERR_LOCKFILE_FORMAT when neither tells
 */
export function detectFormat(source: LockfileText): LockfileFormat {
  return detect(source).format;
}

/** A format, and the strict JSON that was read to tell it, so that it is not read again. */
export interface Detected {
  readonly format: LockfileFormat;
  readonly json: JsonValue | undefined;
}

/** As `detectFormat`. */
export function detect(source: LockfileText): Detected {
  const kind = kindOfName(source.path);
  if (kind === 'yarn') return { format: yarnFormat(source.text) ?? 'yarn-classic', json: undefined };
  if (kind !== undefined && kind !== 'bun-binary') return { format: kind, json: undefined };
  const isJson = /^\s*(?:\{|\/[/*])/.test(source.text);
  const json = isJson ? strictJson(source) : undefined;
  const format = isJson ? jsonFormat(json ?? parseJson(source, 'jsonc')) : textFormat(source.text);
  if (format !== undefined) return { format, json };
  throw new LocksealError('ERR_LOCKFILE_FORMAT', `${source.path} is of no lockfile format that lockseal reads`, {
    file: source.path,
    expected: [...NAMES.keys()].join(', '),
    hint: 'Name the lockfile as its package manager does.',
  });
}

/** As Yarn 2 and later decide: a file that begins with the header of version 1 is of version 1. */
function yarnFormat(text: string): 'yarn-classic' | 'yarn-berry' | undefined {
  if (/^(?:#.*\r?\n)*#\s+yarn lockfile v1\r?\n/i.test(text)) return 'yarn-classic';
  return /^__metadata:/m.test(text) ? 'yarn-berry' : undefined;
}

function textFormat(text: string): LockfileFormat | undefined {
  return yarnFormat(text) ?? (/^lockfileVersion:/m.test(text) ? 'pnpm' : undefined);
}

/** undefined for what is none: it may still be JSON with comments. */
function strictJson(source: LockfileText): JsonValue | undefined {
  try {
    return parseJson(source, 'json');
  } catch (error) {
    if (error instanceof LocksealError) return undefined;
    throw error;
  }
}

function jsonFormat(root: JsonValue): LockfileFormat | undefined {
  const keys = root instanceof JsonObject ? root.members : new Map<string, unknown>();
  if (keys.has('nodes') && keys.has('edges')) return 'vlt';
  if (keys.has('lockfileVersion') && keys.has('workspaces')) return 'bun';
  if (keys.has('lockfileVersion')) return 'npm';
  return typeof keys.get('version') === 'string' && !keys.has('name') ? 'deno' : undefined;
}

const BUN_BINARY = '#!/usr/bin/env bun\nbun-lockfile-format-v0\n';

/**
 * bun.lockb, by name or content.
 * @throws LocksealError ERR_LOCKFILE_BINARY with the command that converts it
 */
export function refuseBinary(path: string, bytes: Uint8Array): void {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, BUN_BINARY.length));
  if (kindOfName(path) !== 'bun-binary' && head.toString('latin1') !== BUN_BINARY) return;
  throw new LocksealError('ERR_LOCKFILE_BINARY', `${path} is Bun's binary lockfile, which cannot be reviewed`, {
    file: path,
    expected: 'bun.lock',
    found: 'bun.lockb',
    hint: 'Convert it: bun install --save-text-lockfile --frozen-lockfile --lockfile-only, then delete bun.lockb.',
  });
}
