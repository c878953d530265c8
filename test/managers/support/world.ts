// What the loopback registry of the matrix publishes, and the tarball that the project carries itself.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  createRegistry,
  createSigstore,
  packTarball,
  type Evidence,
  type Published,
  type RegistryBox,
  type RegistryServer,
} from '@lockseal/testkit';

/** Grades that a version's evidence comes to. */
type PublishedGrade = 'proven' | 'signed' | 'unsigned';

export interface World {
  /** Absolute path of an empty folder, removed by `close`. */
  readonly folder: string;
  readonly registry: RegistryBox;
  readonly server: RegistryServer;
  /** JSON text for `--trusted-root`. */
  readonly trustedRoot: string;
  /** JSON text for `--registry-keys`. */
  readonly keys: string;
  /** `name@version` -> grade as published. */
  readonly grades: ReadonlyMap<string, PublishedGrade>;
  /** vendored-1.0.0.tgz, which no registry has. */
  readonly vendored: Buffer;
  /** What takes the place of `leaf@1.0.0` in the attacks; nothing depends on it. */
  readonly evil: Published;
  readonly leaf: Published;
  close(): Promise<void>;
}

const EVIDENCE: Readonly<Record<PublishedGrade, Evidence>> = {
  proven: {},
  signed: { provenance: false, publishAttestation: false },
  unsigned: { provenance: false, publishAttestation: false, signature: false },
};

/** Old enough for the managers that refuse what was published lately. */
const AGE_MS = 90 * 24 * 60 * 60 * 1000;

type Release = Omit<Parameters<RegistryBox['publish']>[0], 'evidence'> & { readonly grade: PublishedGrade };

const RELEASES: readonly Release[] = [
  { name: 'gamma', version: '1.1.0', grade: 'unsigned' },
  { name: 'gamma', version: '2.0.0', grade: 'proven' },
  { name: 'beta', version: '1.0.0', grade: 'signed', dependencies: { gamma: '~1.1.0' } },
  { name: 'beta', version: '1.3.0', grade: 'proven', dependencies: { gamma: '~1.1.0' } },
  { name: 'delta', version: '1.0.1', grade: 'signed' },
  { name: 'delta', version: '1.1.0', grade: 'proven' },
  { name: 'alpha', version: '1.2.0', grade: 'proven', dependencies: { beta: '^1.0.0', delta: '^1.0.0' } },
  { name: '@acme/core', version: '2.0.1', grade: 'signed' },
  { name: '@acme/tool', version: '2.0.0', grade: 'proven', dependencies: { '@acme/core': '^2.0.0' } },
  // An alias that the manifest of a dependency declares.
  { name: 'aliased', version: '1.0.0', grade: 'proven', dependencies: { 'gamma-one': 'npm:gamma@^1.1.0' } },
  platformPackage('linux', 'x64'),
  platformPackage('darwin', 'arm64'),
  {
    name: 'native',
    version: '1.0.0',
    grade: 'proven',
    optionalDependencies: { '@acme/native-linux-x64': '1.0.0', '@acme/native-darwin-arm64': '1.0.0' },
  },
  {
    name: 'plugin',
    version: '1.0.0',
    grade: 'proven',
    peerDependencies: { alpha: '^1.0.0', absent: '*' },
    peerDependenciesMeta: { absent: { optional: true } },
  },
  { name: 'epsilon', version: '1.0.0', grade: 'proven' },
  // Some managers fetch what is bundled from the registry all the same.
  { name: 'inner', version: '1.0.0', grade: 'signed' },
  {
    name: 'bundler',
    version: '1.0.0',
    grade: 'proven',
    dependencies: { inner: '^1.0.0', epsilon: '^1.0.0' },
    bundleDependencies: ['inner'],
    files: {
      'index.js': "module.exports = require('inner');\n",
      'node_modules/inner/package.json': '{"name":"inner","version":"1.0.0","main":"index.js"}\n',
      'node_modules/inner/index.js': "module.exports = 'inner, as bundled';\n",
    },
  },
  { name: 'leaf', version: '1.0.0', grade: 'proven' },
  { name: 'parent', version: '1.0.0', grade: 'proven', dependencies: { leaf: '^1.0.0' } },
  { name: 'evil', version: '1.0.0', grade: 'proven' },
  // As agent-base packs itself.
  {
    name: 'twice',
    version: '1.0.0',
    grade: 'signed',
    files: { 'index.js': "module.exports = 'the first';\n", 'other.js': '' },
    entries: [{ path: 'package/./index.js', content: "module.exports = 'the later';\n" }],
  },
  // The same, and too large to be held in memory.
  {
    name: 'odd',
    version: '1.0.0',
    grade: 'signed',
    files: { 'index.js': "module.exports = 'the first';\n", 'noise.bin': randomBytes(5 * 1024 * 1024) },
    entries: [{ path: 'package/./index.js', content: "module.exports = 'the later';\n" }],
  },
];

/** A Sigstore instance and a registry on loopback with everything that the project needs. */
export async function openWorld(): Promise<World> {
  const sigstore = await createSigstore();
  const registry = createRegistry({ sigstore });
  const publishedAt = new Date(Date.now() - AGE_MS);
  for (const { grade, ...release } of RELEASES)
    registry.publish({ ...release, evidence: EVIDENCE[grade], publishedAt });
  const server = await registry.serve();
  const keys = await fetch(`${server.url}-/npm/v1/keys`);
  // Managers look for workspaces and configuration in the folders above: the temporary one has neither.
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-managers-'));
  return {
    folder,
    registry,
    server,
    trustedRoot: JSON.stringify(sigstore.trustedRoot),
    keys: await keys.text(),
    grades: new Map(RELEASES.map(({ name, version, grade }) => [`${name}@${version}`, grade])),
    vendored: packVendored(),
    evil: known(registry, 'evil'),
    leaf: known(registry, 'leaf'),
    async close() {
      await server.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

function known(registry: RegistryBox, name: string): Published {
  const found = registry.find(name, '1.0.0');
  if (found === undefined) throw new Error(`${name} was not published`);
  return found;
}

function platformPackage(os: string, cpu: string): Release {
  return {
    name: `@acme/native-${os}-${cpu}`,
    version: '1.0.0',
    grade: 'proven',
    manifest: { os: [os], cpu: [cpu] },
  };
}

function packVendored(): Buffer {
  const manifest = { name: 'vendored', version: '1.0.0', main: 'index.js' };
  return packTarball([
    { path: 'package/package.json', content: `${JSON.stringify(manifest)}\n` },
    { path: 'package/index.js', content: "module.exports = 'vendored';\n" },
  ]);
}
