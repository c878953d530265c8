// The main job on embedded data: a loopback registry and a loopback Sigstore, a project whose lockfile was attacked
// in three ways, and what `lockseal verify` says about it. Nothing is installed, nothing leaves this machine.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createRegistry, createSigstore, type NpmLockfile, type RegistryBox } from '@lockseal/testkit';

const CLI = path.resolve(import.meta.dirname, '../packages/cli/bin/lockseal.js');
const REPOSITORY = 'https://github.com/example/web-kit';

/** What the demo publishes: who depends on whom, and what evidence the registry has. */
function publishPackages(registry: RegistryBox): void {
  const provenance = { repository: REPOSITORY, workflow: '.github/workflows/release.yml', ref: 'refs/tags/v2.1.0' };
  const signedOnly = { publishAttestation: false, provenance: false } as const;
  registry.publish({ name: 'query-parts', version: '3.0.1', evidence: signedOnly });
  registry.publish({ name: 'media-names', version: '1.4.0', evidence: signedOnly });
  registry.publish({ name: 'stream-lines', version: '0.9.2', evidence: { provenance: false } });
  registry.publish({ name: 'path-pattern', version: '5.2.0', evidence: { provenance } });
  registry.publish({ name: 'path-patern', version: '5.2.0', evidence: signedOnly });
  registry.publish({ name: 'color-words', version: '1.2.0', evidence: { provenance } });
  registry.publish({ name: 'color-wordz', version: '1.2.0', evidence: signedOnly });
  registry.publish({
    name: '@web-kit/router',
    version: '2.1.0',
    dependencies: { 'path-pattern': '^5.0.0', 'query-parts': '^3.0.0' },
    evidence: { provenance },
  });
  registry.publish({
    name: '@web-kit/cache',
    version: '2.1.0',
    dependencies: { 'stream-lines': '^0.9.0' },
    evidence: { provenance },
  });
  registry.publish({
    name: '@web-kit/log',
    version: '2.1.0',
    dependencies: { 'media-names': '^1.0.0' },
    evidence: { provenance },
  });
}

const DEPENDENCIES = {
  '@web-kit/router': '^2.1.0',
  '@web-kit/cache': '^2.1.0',
  '@web-kit/log': '^2.1.0',
  'color-words': '^1.2.0',
};

/** The attacks; each would install without a word from npm, pnpm, Yarn or bun, or pass their audits. */
function attack(lockfile: NpmLockfile, registry: RegistryBox): void {
  const entries = lockfile.packages as Record<string, Record<string, unknown>>;
  // 1. Artifact substitution: the entry keeps its name and gets the tarball and hash of another package.
  const other = registry.find('color-wordz', '1.2.0');
  Object.assign(entries['node_modules/color-words'] ?? {}, {
    resolved: 'https://registry.npmjs.org/color-wordz/-/color-wordz-1.2.0.tgz',
    integrity: other?.integrity,
  });
  // 2. Forged edge: every tarball is genuine, but what the router asks for is another package now.
  const impostor = registry.find('path-patern', '5.2.0');
  Object.assign(entries['node_modules/@web-kit/router'] ?? {}, {
    dependencies: { 'path-pattern': 'npm:path-patern@5.2.0', 'query-parts': '^3.0.0' },
  });
  Object.assign(entries['node_modules/path-pattern'] ?? {}, {
    name: 'path-patern',
    resolved: 'https://registry.npmjs.org/path-patern/-/path-patern-5.2.0.tgz',
    integrity: impostor?.integrity,
  });
  // 3. Tampered attestation: somebody on the way changes what the provenance says.
  registry.fault({ name: '@web-kit/cache' }, { type: 'tamper-bundle', tamper: 'payload', only: 'provenance' });
}

async function runDemo(): Promise<number> {
  const directory = await mkdtemp(path.join(tmpdir(), 'lockseal-demo-'));
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  publishPackages(registry);
  const [services, server] = await Promise.all([sigstore.serve(), registry.serve()]);
  try {
    const lockfile = registry.lockfile('npm-v3', { name: 'storefront', dependencies: DEPENDENCIES });
    attack(lockfile, registry);
    const files = {
      'package.json': { name: 'storefront', version: '1.0.0', private: true, dependencies: DEPENDENCIES },
      'package-lock.json': lockfile,
      'root.json': (await (await fetch(`${services.tufUrl}/1.root.json`)).json()) as object,
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(path.join(directory, name), `${JSON.stringify(content, null, 2)}\n`);
    }
    introduce(server.url, services.tufUrl);
    const args = [
      '--registry',
      server.url,
      '--tuf-url',
      services.tufUrl,
      '--tuf-root',
      'root.json',
      '--cache',
      '.cache',
    ];
    const exitCode = await runCli(['verify', ...args], directory);
    conclude(exitCode);
    return exitCode === 1 ? 0 : 1;
  } finally {
    await Promise.all([services.close(), server.close()]);
    await rm(directory, { recursive: true, force: true });
  }
}

function introduce(registry: string, tuf: string): void {
  print(`lockseal demo

A registry listens on ${registry}, a Sigstore instance's TUF repository on ${tuf}: real HTTP, real signatures.
The project "storefront" has a package-lock.json in which some packages have build provenance and some only a
registry signature. Then three things were done to it:

  1. color-words keeps its name, and got the tarball and hash of color-wordz
  2. @web-kit/router depends on path-pattern; its edge leads to path-patern now, all tarballs genuine
  3. the provenance of @web-kit/cache was changed on its way from the registry

\`npm ci\` would install it. This is what lockseal says:

$ lockseal verify
`);
}

function conclude(exitCode: number): void {
  print(`exit code ${exitCode}${exitCode === 1 ? ': findings at error level, so a build stops here' : ', where 1 was expected'}

Type next:
  npm start -- verify <path>              your own lockfile, against your own registry
  npm run -s lockseal -- explain edge-forged   what a finding means and how to mend it
  npm run -s lockseal -- inspect sigstore@2.3.1  what an attestation says
`);
}

function runCli(args: readonly string[], cwd: string): Promise<number> {
  const child = spawn(process.execPath, ['--conditions=@lockseal/source', CLI, ...args], { cwd, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 4));
  });
}

function print(text: string): void {
  process.stdout.write(text);
}

process.exitCode = await runDemo();
