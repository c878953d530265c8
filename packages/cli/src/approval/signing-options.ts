import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import {
  browserIdentityToken,
  checkToken,
  ciIdentityToken,
  commandSigner,
  deviceIdentityToken,
  loadPrivateKey,
  parseSigningConfig,
  PUBLIC_GOOD,
  PUBLIC_GOOD_CLIENT,
  PUBLIC_GOOD_ISSUER,
  type Signer,
  type SigningMethod,
  type SigningServices,
} from '@lockseal/signer';
import type { Argv } from 'yargs';
import { choiceOption, flagOption, textOption, type RawArgs } from '../args.ts';
import type { Console } from '../io/console.ts';

const PASSPHRASE = 'LOCKSEAL_KEY_PASSPHRASE';
/** How long a person may take to sign in. */
const SIGN_IN_MS = 5 * 60_000;
const WAYS = ['key', 'key-env', 'sign-command', 'keyless'] as const;

/** Declares the options that say who signs and who bears witness. */
export function withSigningOptions(program: Argv): Argv {
  const text = (describe: string) => ({ type: 'string', requiresArg: true, describe, group: 'Signing:' }) as const;
  const flag = (describe: string) => ({ type: 'boolean', describe, group: 'Signing:' }) as const;
  return program
    .option('key', text(`Private key (PKCS#8 PEM file); its passphrase in ${PASSPHRASE}`))
    .option('key-env', text('Environment variable that holds the private key'))
    .option('sign-command', text('Program that signs a digest; needs --public-key'))
    .option('public-key', text('Public key (PEM file) of --sign-command'))
    .option('keyless', flag('Sign with an identity: of the CI job, --identity-token, or yours by signing in'))
    .option('identity-token', text('File that holds an identity token'))
    .option('device', flag('Sign in on another device instead of a browser on this machine'))
    .option('openid-issuer', text(`OpenID provider to sign in at (default ${PUBLIC_GOOD_ISSUER})`))
    .option('openid-client', text(`Client id there (default ${PUBLIC_GOOD_CLIENT})`))
    .option('signing-config', text('Sigstore signing configuration (JSON file) of another instance'))
    .option('log', text('Base URL of a transparency log to enter the signature in'))
    .option('log-version', text('Version of that log (1 or 2; default 1)'))
    .option('timestamp-authority', text('URL of an RFC 3161 timestamp authority'));
}

/** @throws LocksealError ERR_USAGE, ERR_CONFIG, ERR_SIGNING_KEY */
export async function decodeSigning(raw: RawArgs, console: Console): Promise<SigningMethod> {
  const ways = WAYS.filter((way) => (way === 'keyless' ? flagOption(raw, way) : textOption(raw, way) !== undefined));
  const [way] = ways;
  if (way === undefined || ways.length > 1) {
    throw new LocksealError(
      'ERR_USAGE',
      ways.length === 0 ? 'Nothing says who signs.' : 'Several things say who signs.',
      {
        expected: 'one of --key, --key-env, --sign-command, --keyless',
        found: ways.map((each) => `--${each}`).join(', ') || undefined,
        hint: 'Make a key with `lockseal trust keygen`, or sign with an identity: --keyless.',
      },
    );
  }
  const services = await decodeServices(raw, console, way === 'keyless');
  const network = { signal: console.signal, environment: console.env };
  if (way !== 'keyless') return { kind: 'key', signer: await loadSigner(way, raw, console), services, network };
  const { fulcio } = services;
  if (fulcio === undefined)
    throw new LocksealError('ERR_CONFIG', 'The signing configuration names no certificate authority.');
  return {
    kind: 'keyless',
    services: { ...services, fulcio },
    network,
    identityToken: () => identityToken(raw, console),
  };
}

async function decodeServices(raw: RawArgs, console: Console, isKeyless: boolean): Promise<SigningServices> {
  const file = textOption(raw, 'signing-config');
  const configured =
    file === undefined ? undefined : await parseSigningConfig(await readGiven(file, console), new Date(console.now()));
  const defaults =
    configured ?? (isKeyless ? PUBLIC_GOOD : { fulcio: undefined, log: undefined, timestampAuthority: undefined });
  const url = httpOption(raw, 'log');
  const version = choiceOption(raw, 'log-version', ['1', '2']) === '2' ? 2 : 1;
  return {
    fulcio: defaults.fulcio,
    log: url === undefined ? defaults.log : { url, majorApiVersion: version },
    timestampAuthority: httpOption(raw, 'timestamp-authority') ?? defaults.timestampAuthority,
  };
}

function httpOption(raw: RawArgs, name: string): string | undefined {
  const value = textOption(raw, name);
  if (value === undefined || /^https?:$/.test(URL.parse(value)?.protocol ?? '')) return value?.replace(/\/+$/, '');
  throw new LocksealError('ERR_USAGE', `--${name} is no http or https URL.`, { found: value });
}

async function loadSigner(way: 'key' | 'key-env' | 'sign-command', raw: RawArgs, console: Console): Promise<Signer> {
  const given = textOption(raw, way) ?? '';
  const passphrase = console.env[PASSPHRASE];
  switch (way) {
    case 'key':
      return loadPrivateKey((await readGiven(given, console)).toString('utf8'), given, passphrase);
    case 'key-env': {
      const pem = console.env[given];
      if (pem === undefined) throw new LocksealError('ERR_SIGNING_KEY', `The environment has no variable ${given}.`);
      return loadPrivateKey(pem, `$${given}`, passphrase);
    }
    case 'sign-command': {
      const file = textOption(raw, 'public-key');
      if (file === undefined) throw new LocksealError('ERR_USAGE', '--sign-command needs --public-key.');
      const publicKey = decodePublicKey((await readGiven(file, console)).toString('utf8'), file);
      return commandSigner({ command: [path.resolve(console.cwd, given)], publicKey });
    }
  }
}

function decodePublicKey(pem: string, file: string): ReturnType<typeof createPublicKey> {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new LocksealError('ERR_SIGNING_KEY', 'It is no public key in PEM.', { file, cause });
  }
}

/** Given, of the CI job, or of the person at the terminal, in this order. */
async function identityToken(raw: RawArgs, console: Console): Promise<string> {
  const file = textOption(raw, 'identity-token');
  const found =
    file === undefined
      ? await ciIdentityToken(console.env)
      : { token: (await readGiven(file, console)).toString('utf8').trim(), where: file };
  const { token, where } = found ?? { token: await signIn(raw, console), where: 'the OpenID provider' };
  checkToken(token, where, new Date(console.now()));
  return token;
}

async function signIn(raw: RawArgs, console: Console): Promise<string> {
  if (console.stderr.isTTY !== true) {
    throw new LocksealError('ERR_IDENTITY', 'There is no identity token, and nobody at a terminal who could sign in.', {
      hint: 'Allow the CI job an identity token, or give --identity-token.',
    });
  }
  const options = {
    issuer: textOption(raw, 'openid-issuer') ?? PUBLIC_GOOD_ISSUER,
    clientId: textOption(raw, 'openid-client') ?? PUBLIC_GOOD_CLIENT,
    signal: AbortSignal.any([console.signal, AbortSignal.timeout(SIGN_IN_MS)]),
  };
  if (flagOption(raw, 'device')) {
    const showCode = (where: string, code: string): void =>
      void console.stderr.write(`Open ${where} on any device and type the code ${code}\n`);
    return deviceIdentityToken({ ...options, showCode });
  }
  const openBrowser = (url: string): void =>
    void console.stderr.write(`Open this address in a browser to sign in:\n${url}\n`);
  return browserIdentityToken({ ...options, openBrowser });
}

async function readGiven(file: string, { cwd }: Console): Promise<Buffer> {
  const resolved = path.resolve(cwd, file);
  return readFile(resolved).catch((cause: Error) => {
    throw new LocksealError('ERR_USAGE', 'A file that was named could not be read.', {
      file: resolved,
      found: cause.message,
      cause,
    });
  });
}
