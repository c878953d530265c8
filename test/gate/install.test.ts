// `lockseal install` as its users see it, with the npm on PATH: see test/support/transcript-format.ts.
import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { generateKey } from '../../packages/signer/src/index.ts';
import { createRegistry, createSigstore, type RegistryServer } from '@lockseal/testkit';
import { lockseal, runTranscript } from '../support/transcript.ts';

const { version }: { version: string } = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../../packages/cli/package.json'), 'utf8'),
);

let registry: RegistryServer;
let variables: Record<string, string>;

before(async () => {
  const sigstore = await createSigstore();
  const box = createRegistry({ sigstore });
  const published = [
    box.publish({ name: 'ms', version: '2.0.0', scripts: { postinstall: 'touch was-here' } }),
    box.publish({ name: 'debug', version: '2.6.9', dependencies: { ms: '2.0.0' } }),
    box.publish({ name: 'evil', version: '1.0.0' }),
  ];
  registry = await box.serve();
  const { privateKey, publicKey } = generateKey('P-256');
  const spki = createPublicKey(publicKey).export({ type: 'spki', format: 'der' }).toString('base64');
  variables = {
    REGISTRY: registry.url,
    'NPM VERSION': execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim(),
    'REGISTRY IN PURL': encodeURIComponent(registry.url),
    'TRUSTED ROOT': JSON.stringify(sigstore.trustedRoot),
    'ANA KEY': privateKey.trim(),
    'ANA SPKI': spki,
    ...Object.fromEntries(published.map((each) => [`sha512 of ${each.name}`, each.integrity])),
  };
});
after(async () => registry.close());

test('install.txt', { skip: process.platform === 'win32' && 'needs a POSIX shell' }, async () => {
  const commands = { lockseal, sh: ['/bin/sh', '-c'] };
  // What npm prints differs from version to version.
  const env = { npm_config_loglevel: 'silent', NPM_TOKEN: 'not-for-children' };
  await runTranscript(path.join(import.meta.dirname, 'install.txt'), { commands, variables, version, env });
});
