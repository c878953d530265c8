import { spawn } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { LocksealError } from '@lockseal/core';
import { fromDigestSigner, type Signer } from '../sign/signer.ts';

const MAX_OUTPUT = 16 * 1024;
const DEFAULT_TIMEOUT_MS = 60_000;

export interface CommandOptions {
  /** Program and arguments; no shell is involved. */
  readonly command: readonly [string, ...string[]];
  readonly publicKey: KeyObject;
  /** After this many milliseconds the command is ended. Default: a minute, in which somebody can touch a token. */
  readonly timeoutMs?: number;
}

/**
 * A signer that runs a program: it gets the 32 bytes of the sha256 digest on standard input and prints the signature
 * (ECDSA, DER) in base64. So `openssl pkeyutl -sign -inkey key.pem | base64` in a script is one.
 */
export function commandSigner({ command, publicKey, timeoutMs = DEFAULT_TIMEOUT_MS }: CommandOptions): Signer {
  return fromDigestSigner({ publicKey, signDigest: (digest) => run(command, digest, timeoutMs) });
}

function run(
  [program, ...args]: CommandOptions['command'],
  digest: Uint8Array,
  timeoutMs: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    // Node's own `timeout` would keep the process for as long where the program cannot be started.
    const timer = setTimeout(() => child.kill(), timeoutMs);
    const output: Buffer[] = [];
    let size = 0;
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(failed(program, cause.message, cause));
    });
    // A program that does not read its input has said enough by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) child.kill();
      else output.push(chunk);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (size > MAX_OUTPUT) return reject(failed(program, `more than ${MAX_OUTPUT} bytes of output`));
      if (code !== 0) return reject(failed(program, signal === null ? `exit code ${code}` : `ended by ${signal}`));
      const signature = decodeBase64(Buffer.concat(output).toString('latin1'));
      return signature === undefined ? reject(failed(program, 'output that is not base64')) : resolve(signature);
    });
    child.stdin.end(digest);
  });
}

function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s+/g, '');
  const bytes = Buffer.from(compact, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === compact ? bytes : undefined;
}

function failed(program: string, found: string, cause?: unknown): LocksealError {
  return new LocksealError('ERR_SIGNING', `The signing command ${program} did not sign.`, {
    expected: 'exit code 0, and the signature (DER) in base64 on standard output',
    found,
    hint: 'Run it by hand: it gets 32 bytes on standard input.',
    cause,
  });
}
