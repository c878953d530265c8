import { createPublicKey } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { generateKey, keyHint, type KeyAlgorithm } from '@lockseal/signer';
import { choiceOption, textOption, type RawArgs } from '../args.ts';
import { loadTrustReport } from '../approval/trust-report.ts';
import { decodeEvidenceOptions, withEvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import type { Command } from './command.ts';

const ALGORITHMS = ['P-256', 'P-384', 'Ed25519'] as const satisfies readonly KeyAlgorithm[];
const PASSPHRASE = 'LOCKSEAL_KEY_PASSPHRASE';

/** `lockseal trust`: the approver's own keys, and the roots that everything else is trusted by. */
export const trust: Command = {
  builder: (program) =>
    withEvidenceOptions(program)
      .positional('action', { type: 'string', choices: ['keygen', 'show'], describe: 'keygen or show' })
      .positional('file', { type: 'string', describe: 'where keygen writes the private key; a public key to show' })
      .option('algorithm', {
        type: 'string',
        requiresArg: true,
        describe: `One of ${ALGORITHMS.join(', ')} (default P-256)`,
      })
      .example('$0 trust keygen approver.pem', `encrypted where ${PASSPHRASE} is set`)
      .example('$0 trust show', 'the Sigstore root and registry keys in use')
      .example('$0 trust show approver.pub.pem', 'a public key as the policy takes it'),
  run: async (raw, console) => {
    const file = textOption(raw, 'file');
    const given = file === undefined ? undefined : path.resolve(console.cwd, file);
    switch (choiceOption(raw, 'action', ['keygen', 'show'])) {
      case 'keygen':
        return keygen(given, raw, console);
      case 'show':
        console.stdout.write(
          given === undefined
            ? await loadTrustReport(decodeEvidenceOptions(raw, console), console)
            : describeKey(await readFile(given, 'utf8')),
        );
        return EXIT.good;
      case undefined:
        throw new LocksealError('ERR_USAGE', 'Say what to do: keygen or show.');
    }
  },
};

async function keygen(file: string | undefined, raw: RawArgs, console: Console): Promise<number> {
  if (file === undefined) {
    throw new LocksealError('ERR_USAGE', 'Say where the key goes.', { hint: 'lockseal trust keygen approver.pem' });
  }
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
