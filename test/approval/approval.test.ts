// The life of an approval as its users see it: every *.txt here is a case (see test/support/transcript-format.ts).
import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateKey, keyHint } from '../../packages/signer/src/index.ts';
import { createRegistry, createSigstore, type RegistryServer, type SigstoreServer } from '@lockseal/testkit';
import { lockseal, runTranscript } from '../support/transcript.ts';

const cases = fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));
const { version }: { version: string } = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../../packages/cli/package.json'), 'utf8'),
);

let registry: RegistryServer;
let services: SigstoreServer;
let variables: Record<string, string>;

function keyOf(name: string): Record<string, string> {
  const { privateKey, publicKey } = generateKey('P-256');
  const spki = createPublicKey(publicKey).export({ type: 'spki', format: 'der' }).toString('base64');
  const hint = keyHint(createPublicKey(publicKey));
  return { [`${name} KEY`]: privateKey.trim(), [`${name} SPKI`]: spki, [`${name} HINT`]: hint };
}

before(async () => {
  const sigstore = await createSigstore();
  const box = createRegistry({ sigstore });
  const published = [
    box.publish({ name: 'ms', version: '2.0.0' }),
    box.publish({ name: 'ms', version: '2.1.0' }),
    box.publish({ name: 'debug', version: '2.6.9', dependencies: { ms: '^2.0.0' } }),
  ];
  registry = await box.serve();
  services = await sigstore.serve();
  variables = {
    REGISTRY: registry.url,
    'REGISTRY IN PURL': encodeURIComponent(registry.url),
    'TRUSTED ROOT': JSON.stringify(sigstore.trustedRoot),
    'SIGNING CONFIG 1': JSON.stringify(services.signingConfig(1)),
    'SIGNING CONFIG 2': JSON.stringify(services.signingConfig(2)),
    TSA: services.tsaUrl,
    TOKEN: services.emailToken('ana@example.com'),
    ...keyOf('ANA'),
    ...keyOf('BEN'),
    ...keyOf('EVE'),
    ...Object.fromEntries(published.map((each) => [`sha512 of ${each.name}@${each.version}`, each.integrity])),
  };
});
after(async () => {
  await registry.close();
  await services.close();
});

describe('approvals on the command line', { skip: process.platform === 'win32' && 'the cases use sh' }, () => {
  for (const name of cases) {
    test(name, async () => {
      const commands = { lockseal, sh: ['/bin/sh', '-c'] };
      await runTranscript(path.join(import.meta.dirname, name), { commands, variables, version });
    });
  }
});
