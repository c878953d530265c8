import { createPublicKey } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { generateKey, keyHint, type KeyAlgorithm } from '@lockseal/signer';
import { choiceOption, textOption, type RawArgs } from '../args.ts';
import { loadTrustReport } from '../approval/trust-report.ts';
import { decodeEvidenceOptions, withTrustOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import type { Command } from './command.ts';

const ALGORITHMS = ['P-256', 'P-384', 'Ed25519'] as const satisfies readonly KeyAlgorithm[];
const PASSPHRASE = 'LOCKSEAL_KEY_PASSPHRASE';

/** `lockseal trust keygen`: the approver's own key. */
export const trustKeygen: Command = {
  builder: (program) =>
    program
      .positional('file', { type: 'string', describe: 'where the private key goes; the public one goes beside it' })
      .option('algorithm', {
        type: 'string',
        requiresArg: true,
        describe: `One of ${ALGORITHMS.join(', ')} (default P-256)`,
      })
      .example('$0 trust keygen approver.pem', `encrypted where ${PASSPHRASE} is set`),
  run: async (raw, console) => keygen(path.resolve(console.cwd, textOption(raw, 'file') ?? ''), raw, console),
};

/** `lockseal trust show`: the roots that everything is trusted by, or a key as policies and bundles name it. */
export const trustShow: Command = {
  builder: (program) =>
    withTrustOptions(program)
      .positional('file', { type: 'string', describe: 'a public key (PEM) to show' })
      .example('$0 trust show', 'the Sigstore root and registry keys in use')
      .example('$0 trust show approver.pub.pem', 'a public key as the policy takes it'),
  run: async (raw, console) => {
    const file = textOption(raw, 'file');
    console.stdout.write(
      file === undefined
        ? await loadTrustReport(decodeEvidenceOptions(raw, console), console)
        : describeKey(await readFile(path.resolve(console.cwd, file), 'utf8')),
    );
    return EXIT.good;
  },
};

async function keygen(file: string, raw: RawArgs, console: Console): Promise<number> {
  const passphrase = console.env[PASSPHRASE];
  const key = generateKey(
    choiceOption(raw, 'algorithm', ALGORITHMS) ?? 'P-256',
    passphrase === '' ? undefined : passphrase,
  );
  const publicFile = `${file.replace(/\.pem$/, '')}.pub.pem`;
  await writeNew(file, key.privateKey, 0o600);
  await writeNew(publicFile, key.publicKey, 0o644);
  const shown = (each: string): string => path.relative(console.cwd, each);
  console.stdout.write(
    `private key  ${shown(file)} (${passphrase === undefined || passphrase === '' ? 'not encrypted' : 'encrypted'}): keep it out of the repository\n` +
      `public key   ${shown(publicFile)}: list it in the policy, under approvals.roles.<role>.approvers\n`,
  );
  return EXIT.good;
}

/** Never over a file that is there: it could be the only copy of a key. */
async function writeNew(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode).catch((cause: NodeJS.ErrnoException) => {
    const message =
      cause.code === 'EEXIST' ? 'There is a file already; it is not written over.' : 'The key could not be written.';
    throw new LocksealError('ERR_OUTPUT', message, { file, found: cause.message, cause });
  });
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function describeKey(pem: string): string {
  try {
    const key = createPublicKey(pem);
    const spki = key.export({ type: 'spki', format: 'der' }).toString('base64');
    return `in policies  ${spki}\nin bundles   ${keyHint(key)}\n`;
  } catch (cause) {
    throw new LocksealError('ERR_KEYS', 'It is no public key in PEM.', { cause });
  }
}
