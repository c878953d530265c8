// A project with a registry of its own, and its evidence pack taken apart and put together again by hand: independent
// of the code under test, from docs/evidence-packs.md alone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { createRegistry, createSigstore, type RegistryBox } from '@lockseal/testkit';
import { runCli, type CliRun } from './run-cli.ts';

export interface EvidenceProject {
  readonly directory: string;
  readonly registry: RegistryBox;
  /** Runs lockseal in the project. `now`: milliseconds since 1970. */
  run(args: readonly string[], now?: number): Promise<CliRun>;
  file(name: string): string;
  /** Ends the server: nothing can be fetched from then on. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

/** The options with which the project's user says whom to trust. */
export const TRUST: readonly string[] = ['--trusted-root=root.json', '--registry-keys=keys.json'];

/** express -> debug -> ms (no attestations), native (with an install script); published a year ago. */
export async function openEvidenceProject(): Promise<EvidenceProject> {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  const publishedAt = new Date(Date.now() - 365 * 24 * 60 * 60 * 1000);
  registry.publish({
    name: 'ms',
    version: '2.0.0',
    publishedAt,
    evidence: { provenance: false, publishAttestation: false },
  });
  registry.publish({ name: 'debug', version: '2.6.9', publishedAt, dependencies: { ms: '2.0.0' } });
  registry.publish({ name: 'express', version: '4.21.2', publishedAt, dependencies: { debug: '2.6.9' } });
  registry.publish({ name: 'native', version: '1.0.0', publishedAt, scripts: { postinstall: 'node build.js' } });
  const directory = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-evidence-'));
  const server = await registry.serve();
  const file = (name: string): string => path.join(directory, name);
  const dependencies = { express: '^4.0.0', native: '^1.0.0' };
  await registry.writeProject(directory, { name: 'shop', dependencies }, { registry: server.url });
  fs.writeFileSync(file('root.json'), JSON.stringify(sigstore.trustedRoot));
  fs.writeFileSync(file('keys.json'), JSON.stringify(sigstore.keysTarget()));
  let isOpen = true;
  const disconnect = async (): Promise<void> => {
    if (isOpen) await server.close();
    isOpen = false;
  };
  return {
    directory,
    registry,
    file,
    run: async (args, now = Date.now()) => runCli(args, { cwd: directory, now: () => now }),
    disconnect,
    close: async () => {
      await disconnect();
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A line of a pack; `value` is to be edited at will. */
export interface Line {
  key: string[];
  part: string;
  value: unknown;
}

export interface Unpacked {
  header: { format: string; lockseal: string[]; parts: Record<string, { lines: number; sha256: string }> };
  lines: Line[];
}

export function unpack(file: string): Unpacked {
  const [header = '', ...lines] = textOf(file).trimEnd().split('\n');
  return { header: JSON.parse(header), lines: lines.map((line) => JSON.parse(line)) };
}

export function textOf(file: string): string {
  return brotliDecompressSync(fs.readFileSync(file)).toString('utf8');
}

/** Lower-case hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** With a header that fits the lines, as somebody writes it who knows the format. */
export function repack({ header, lines }: Unpacked): string {
  const texts = lines.map((line) => `${JSON.stringify(line)}\n`);
  const parts = Object.keys(header.parts).map((part) => {
    const own = texts.filter((_, index) => lines[index]?.part === part);
    return [part, { lines: own.length, sha256: digestOf(own.join('')) }];
  });
  return `${JSON.stringify({ ...header, parts: Object.fromEntries(parts) })}\n${texts.join('')}`;
}

export function compress(text: string | Uint8Array): Buffer {
  return brotliCompressSync(text);
}

export function lineOf({ lines }: Unpacked, part: string, name?: string): Line {
  const line = lines.find((each) => each.part === part && (name === undefined || each.key[1] === name));
  assert.ok(line !== undefined, `${part} ${name}`);
  return line;
}

/** What the tests edit of a bundle, unwrapped. */
export interface PackedBundle {
  dsseEnvelope: { payload: unknown; signatures: [{ sig: string }] };
  verificationMaterial: { tlogEntries: [{ inclusionProof: { rootHash: string } }] };
}

export interface PackedDocument {
  manifest: { dependencies: string[][] };
  dist: { integrity: string; signatures: [{ sig: string }] };
}

interface PackedKey {
  keyid: string;
  spki: string;
  origin: string;
}

function valueOf<Value>(line: Line): Value {
  return (line.value as { value: Value }).value;
}

export function documentIn(pack: Unpacked, name: string): PackedDocument {
  return valueOf(lineOf(pack, 'documents', name));
}

export function attestationsIn(pack: Unpacked, name: string): { predicateType: string; bundle: PackedBundle }[] {
  return valueOf(lineOf(pack, 'attestations', name));
}

export function bundleIn(pack: Unpacked, name: string, predicate: RegExp): PackedBundle {
  const found = attestationsIn(pack, name).find(({ predicateType }) => predicate.test(predicateType));
  assert.ok(found !== undefined);
  return found.bundle;
}

export function keysIn(pack: Unpacked): PackedKey[] {
  return valueOf(lineOf(pack, 'keys'));
}
