// `lockseal diff` as users see it: every test/diff/*.txt is a case (see test/support/transcript-format.ts).
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createRegistry, createSigstore, type RegistryServer } from '@lockseal/testkit';
import { lockseal, runTranscript } from './support/transcript.ts';

const folder = path.join(import.meta.dirname, 'diff');
const cases = fs.readdirSync(folder).filter((name) => name.endsWith('.txt'));
const { version }: { version: string } = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../packages/cli/package.json'), 'utf8'),
);
const UNATTESTED = { provenance: false, publishAttestation: false };

let server: RegistryServer;
let variables: Record<string, string>;

// tool 1.1.0 is what an attacker publishes who has somebody's token.
before(async () => {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  const publishedAt = new Date('2025-01-01T00:00:00Z');
  const calm = { 'index.js': "require('path')" };
  const payload = {
    'index.js': "require('path')",
    'setup.js': `require('node:child_process').exec(process.env.X)\n${'a;'.repeat(1500)}`,
    'bin/loader': '\u007fELF',
  };
  const published = [
    registry.publish({ name: 'calm', version: '1.0.0', publishedAt }),
    registry.publish({ name: 'calm', version: '1.1.0', publishedAt }),
    registry.publish({ name: 'same', version: '1.0.0', publishedAt }),
    registry.publish({ name: 'gone', version: '1.0.0', publishedAt }),
    registry.publish({ name: 'new-one', version: '1.0.0', publishedAt }),
    registry.publish({ name: 'tool', version: '1.0.0', publishedAt, files: calm }),
    registry.publish({
      name: 'tool',
      version: '1.1.0',
      publishedAt: new Date('2025-02-01T00:00:00Z'),
      publisher: 'mallory',
      dependencies: { 'new-one': '1.0.0' },
      scripts: { postinstall: 'node setup.js' },
      files: payload,
      evidence: UNATTESTED,
    }),
  ];
  server = await registry.serve();
  const integrities = published.map((each) => [`sha512 of ${each.name}@${each.version}`, each.integrity]);
  const trustedRoot = JSON.stringify(sigstore.trustedRoot);
  variables = { REGISTRY: server.url, 'TRUSTED ROOT': trustedRoot, ...Object.fromEntries(integrities) };
});
after(async () => server.close());

describe('diff on the command line', { concurrency: 4 }, () => {
  for (const name of cases) {
    test(name, () => runTranscript(path.join(folder, name), { commands: { lockseal }, variables, version }));
  }
});
