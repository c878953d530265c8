// The command line as users see it: every *.txt here is a case (see test/support/transcript-format.ts).
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRegistry, createSigstore, type RegistryServer } from '@lockseal/testkit';
import { lockseal, runTranscript } from '../support/transcript.ts';

const cases = fs.readdirSync(import.meta.dirname).filter((name) => name.endsWith('.txt'));
const { version }: { version: string } = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../../packages/cli/package.json'), 'utf8'),
);

let server: RegistryServer;
let variables: Record<string, string>;

// express -> debug -> ms (signed, without attestations); msx is what an attacker would like to see in its place.
before(async () => {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  const published = [
    registry.publish({ name: 'ms', version: '2.0.0', evidence: { provenance: false, publishAttestation: false } }),
    registry.publish({ name: 'msx', version: '2.0.0' }),
    registry.publish({ name: 'debug', version: '2.6.9', dependencies: { ms: '2.0.0' } }),
    registry.publish({ name: 'native', version: '1.0.0', scripts: { postinstall: 'node fetch.js' } }),
    registry.publish({ name: 'worm', version: '3.1.4', scripts: { preinstall: 'node bundle.js \u001B[2K' } }),
    registry.publish({ name: 'phantom', version: '0.2.0', files: { 'binding.gyp': "{'targets': []}" } }),
    registry.publish({ name: 'express', version: '4.21.2', dependencies: { debug: '2.6.9' } }),
  ];
  server = await registry.serve();
  const integrities = published.map(({ name, integrity }) => [`sha512 of ${name}`, integrity]);
  const trustedRoot = JSON.stringify(sigstore.trustedRoot);
  variables = { REGISTRY: server.url, 'TRUSTED ROOT': trustedRoot, ...Object.fromEntries(integrities) };
});
after(async () => server.close());

describe('the command line', { concurrency: 4 }, () => {
  for (const name of cases) {
    test(name, async () => {
      await runTranscript(path.join(import.meta.dirname, name), { commands: { lockseal }, variables, version });
    });
  }
});
