// Hostile, benign, sample and real lockfiles through reader, loadProject, bindProject and the checks of the graph.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  FINDING_CODES,
  checkGraph,
  checkManifestEdges,
  edgeContext,
  packageSet,
  parseManifest,
  type FindingCode,
  type LockedPackage,
  type Lockfile,
  type Observation,
  type Project,
} from '@lockseal/core';
import { bindProject, loadProject, readLockfile, type ProjectFiles } from '@lockseal/lockfile';
import { diskFiles } from '../packages/lockfile/test/support/disk.ts';
import { sharedDir } from './support/shared.ts';

interface AttackCase {
  readonly case: string;
  readonly lockfile: string;
  readonly expected: 'reject-at-parse' | 'finding' | 'accept';
  readonly finding: string | null;
  readonly needsRegistry: boolean;
}

/** The topics of the collection that the graph alone reveals. Their names are our codes. */
const OURS: ReadonlySet<string> = new Set<FindingCode>([
  'dependency-not-locked',
  'edge-forged',
  'edge-unsatisfied',
  'link-replaces-registry',
  'name-mismatch',
  'override-undeclared',
  'patch-mismatch',
  'shadowing-lockfile',
  'unlisted-dependency',
  'version-missing',
]);

/** What the registry says of debug@4.4.3 and ms@2.1.3. */
const MANIFESTS: ReadonlyMap<string, object> = new Map([
  ['debug@4.4.3', { dependencies: { ms: '^2.1.3' }, peerDependenciesMeta: { 'supports-color': { optional: true } } }],
  ['ms@2.1.3', {}],
  ['inherits@2.0.4', {}],
]);

interface Loaded {
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
}

async function load(file: string, files: ProjectFiles | undefined): Promise<Loaded> {
  // Real files are kept as `<project>.<name>`.
  const name = path.basename(file).replace(/^[\w-]+\.(?=package-lock\.json|pnpm-lock\.yaml|yarn\.lock|deno\.lock)/, '');
  const read = readLockfile(name, fs.readFileSync(file));
  const project = files === undefined ? undefined : await loadProject(read, '.', files);
  return { lockfile: bindProject(read, project), project };
}

function errors(observations: readonly Observation[]): string[] {
  const found = observations.filter(({ code }) => FINDING_CODES[code].level === 'error');
  return found.map(({ code, entry, importer, dependency, found: what }) =>
    [code, entry ?? importer, dependency ?? what].filter((part) => part !== undefined).join(' '),
  );
}

function manifestErrors({ lockfile, project }: Loaded): string[] {
  const context = edgeContext(lockfile, project);
  return lockfile.entries.flatMap((entry) => {
    const json = entry.source.type === 'registry' ? MANIFESTS.get(`${entry.name}@${entry.version}`) : undefined;
    if (json === undefined) return [];
    return errors(checkManifestEdges(entry, parseManifest(json, entry.id), context).observations);
  });
}

describe('attack lockfiles: what the graph reveals', () => {
  test('every case', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const base = path.join(shared, 'lockfiles', 'attacks');
    const cases = JSON.parse(fs.readFileSync(path.join(base, 'index.json'), 'utf8')) as readonly AttackCase[];
    for (const each of cases.filter(({ expected }) => expected !== 'reject-at-parse')) {
      const isForged = each.finding === 'edge-forged' && each.needsRegistry;
      if (each.expected === 'finding' && !isForged && !OURS.has(each.finding ?? '')) continue;
      await t.test(each.case, async () => {
        const directory = path.join(base, each.case);
        const loaded = await load(path.join(directory, each.lockfile), diskFiles(directory));
        const graph = checkGraph(loaded.lockfile, loaded.project);
        if (each.expected === 'accept') {
          assert.deepEqual([...errors(graph), ...manifestErrors(loaded)], []);
        } else if (isForged) {
          assert.deepEqual(errors(graph), [], 'the lockfile agrees with itself');
          assert.match(manifestErrors(loaded).join('\n'), /^edge-forged \S+ ms$/);
        } else {
          assert.ok(
            graph.some(({ code }) => code === each.finding),
            `${each.finding} in ${errors(graph).join(', ')}`,
          );
        }
      });
    }
  });
});

/** Files over those of a directory. */
function withFiles(below: ProjectFiles, files: Readonly<Record<string, object>>): ProjectFiles {
  return {
    read: async (file) => (file in files ? new TextEncoder().encode(JSON.stringify(files[file])) : below.read(file)),
    list: async (folder) => {
      const own = Object.keys(files).filter((file) => path.dirname(file) === folder);
      const above = Object.keys(files).filter((file) => path.dirname(path.dirname(file)) === folder);
      const items = [
        ...((await below.list(folder)) ?? []),
        ...own.map((file) => ({ name: path.basename(file), type: 'file' as const })),
        ...above.map((file) => ({ name: path.basename(path.dirname(file)), type: 'directory' as const })),
      ];
      return items.length === 0 ? undefined : [...new Map(items.map((item) => [item.name, item])).values()];
    },
  };
}

/** pnpm from 9 on and Yarn 4 ask for the workspace as such: that is what the samples were made with. */
const AS_WORKSPACE = {
  'packages/lib-a/package.json': {
    name: '@lock-sample/lib-a',
    version: '1.2.3',
    dependencies: { ms: '^2.1.3', '@lock-sample/lib-b': 'workspace:^2.0.0' },
  },
};
/** The workspace of the rich samples, whose own manifest is not kept beside them. */
const RICH_BUN = { 'packages/a/package.json': { name: 'a', version: '1.0.0', dependencies: { semver: 'catalog:' } } };
const RICH_PNPM = { 'packages/a/package.json': { name: 'a', version: '1.0.0', dependencies: { semver: '7.7.3' } } };

const OVERLAYS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  'bun-1.4.5-rich': RICH_BUN,
  'pnpm-10.34.9': AS_WORKSPACE,
  'pnpm-11-rich': RICH_PNPM,
  'pnpm-11.28.11': AS_WORKSPACE,
  'pnpm-12-rich': RICH_PNPM,
  'pnpm-12.21.0': AS_WORKSPACE,
  'pnpm-9.15.9': AS_WORKSPACE,
  'yarn-4.18.1': AS_WORKSPACE,
};

/** What is wrong with a sample indeed, because its package manager leaves it out. */
const TRUE_FINDINGS: Readonly<Record<string, readonly string[]>> = {
  // Deno locks no files, URLs, git and optional dependencies of package.json.
  'deno-2.9.6': [
    'dependency-not-locked . local-dir',
    'dependency-not-locked . local-tgz',
    'dependency-not-locked . fsevents',
  ],
  'mini-deno-2.9': ['dependency-not-locked . rem', 'dependency-not-locked . gitdep'],
  // vlt records no commit.
  'mini-vlt': ['git-unpinned git~git_pfile_c+++example+gitrepo~ git+file:///example/gitrepo'],
  // npm 6 knows no workspaces, so the root's ms 2.0.0 is all that lib-a's ^2.1.3 gets.
  'npm-6.14.18': ['edge-unsatisfied packages/lib-a ms'],
};

const LOCKFILES: ReadonlySet<string> = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'deno.lock',
  'vlt-lock.json',
]);

interface Sample extends Loaded {
  readonly name: string;
}

async function loadSamples(shared: string): Promise<readonly Sample[]> {
  const base = path.join(shared, 'lockfiles', 'samples');
  const names = fs.readdirSync(base).filter((name) => fs.existsSync(path.join(base, name, 'package.json')));
  const samples: Sample[] = [];
  for (const name of names.filter((each) => each !== 'source-project')) {
    const directory = path.join(base, name);
    const lockfile = fs.readdirSync(directory).find((file) => LOCKFILES.has(file));
    if (lockfile === undefined) continue;
    const isCommon = fs.readFileSync(path.join(directory, 'package.json'), 'utf8').includes('"lock-sample"');
    const own = isCommon ? diskFiles(directory, path.join(base, 'source-project')) : diskFiles(directory);
    const loaded = await load(path.join(directory, lockfile), withFiles(own, OVERLAYS[name] ?? {}));
    samples.push({ name, ...loaded });
  }
  return samples;
}

describe('sample lockfiles', () => {
  test('no false alarm, with the project beside them', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const samples = await loadSamples(shared);
    assert.ok(samples.length >= 28, `${samples.length} samples`);
    for (const { name, lockfile, project } of samples) {
      await t.test(name, () => {
        assert.ok(project !== undefined);
        assert.deepEqual(errors(checkGraph(lockfile, project)), TRUE_FINDINGS[name] ?? []);
      });
    }
  });

  test('npm, pnpm and vlt lock the same package set, whatever their version', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const samples = (await loadSamples(shared)).filter(
      ({ project }) => project?.manifests.get('.')?.name === 'lock-sample',
    );
    const sets = samples.map((sample) => ({
      name: sample.name,
      set: packageSet(sample.lockfile, lockedSha512(sample)),
    }));
    const same = sets.filter(({ name }) => /^(?:npm|pnpm|vlt)-/.test(name));
    assert.equal(same.length, 15, same.map(({ name }) => name).join(' '));
    const digests = new Set(same.map(({ set }) => set.sha256));
    assert.deepEqual([...digests], ['007832f4b13079f1b0b2d8afd6fe2d6a737f86877f90baa9a5f9592c6fd8fbf2']);
    assert.equal(same[0]?.set.document.packages.length, 195);
    // Deno leaves dependencies out; Yarn 1 and bun fetch what npm's own tarball bundles; Berry pins its own zips.
    const others = sets.filter(({ name }) => !/^(?:npm|pnpm|vlt)-/.test(name));
    assert.ok(others.length >= 4 && others.every(({ set }) => !digests.has(set.sha256)));
  });
});

/** The locked sha512 of a tarball; of a local one what is on disk, since vlt records none. */
function lockedSha512({ project }: Loaded): (entry: LockedPackage) => string | undefined {
  return ({ source, pin }) => {
    if (source.type === 'file') return project?.localTarballs.get(source.path)?.sha512;
    const base64 =
      pin.kind === 'integrity' && pin.of === 'tarball' ? /^sha512-(\S{88})$/.exec(pin.text)?.[1] : undefined;
    return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
  };
}

/** What is found in real lockfiles without their projects, each with the reason why it is no false alarm. */
const REAL_FINDINGS: Readonly<Record<string, readonly string[]>> = {
  // Versions that nothing asks for any more: Deno does not prune.
  'deno-fresh.deno.lock': ['@std/dotenv@0.225.5', '@std/semver@1.0.5', '@std/toml@1.0.10', '@std/yaml@1.0.9'].map(
    (key) => `unlisted-dependency jsr:${key}`,
  ),
  // A resolution answers ranges with a tarball; which one is for the project to say, and it is not here.
  'yarn1-remix-project.yarn.lock': [
    '@ethereumjs/block@^10.0.0',
    '@ethereumjs/vm@^10.0.0',
    '@metamask/utils@^8.0.0',
    '@metamask/utils@^8.1.0',
  ].map((entry) => `non-registry-source ${entry} @ethereumjs/tx`),
};

describe('real lockfiles', () => {
  test('no false alarm without the project', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const base = path.join(shared, 'lockfiles', 'real');
    for (const file of fs.readdirSync(base).filter((name) => !name.endsWith('.md'))) {
      await t.test(file, async () => {
        const { lockfile } = await load(path.join(base, file), undefined);
        const found = checkGraph(lockfile, undefined);
        assert.deepEqual(errors(found), REAL_FINDINGS[file] ?? []);
        assert.ok(found.some(({ code }) => code === 'project-missing'));
      });
    }
  });
});
