import fs from 'node:fs';
import path from 'node:path';
import { rolldown, type OutputChunk } from 'rolldown';
import { isExternal } from './external.ts';
import { withPublishedSources } from './source-map.ts';

/** The file that starts the program. */
export const PROGRAM = 'lockseal.cjs';

/** No module of ours does anything by being loaded, so that none is loaded for what only passes through it. */
const WITHOUT_EFFECTS = [{ test: /[\\/]packages[\\/][^\\/]+[\\/]src[\\/]/, sideEffects: false }];
/** yargs would resolve with it what its `.config()` extends; we have no such configuration. */
const NO_CONFIGURATION_OF_YARGS = { 'import.meta.resolve': 'undefined' };

/**
 * What is loaded together, in one file each: a file costs about as much as 30 KB of code. `--help` takes `base` alone; a
 * lockfile that was verified before is judged with `policy-file`, `settings` and `judgement`; `enforce` takes all before `settings`,
 * and `install` all but `judgement`.
 */
const TOGETHER = [
  {
    name: 'base',
    test: /packages[\\/](?:cli[\\/]src[\\/](?:args|main|run-process|runtime|io[\\/]console)|core[\\/]src[\\/]errors)\.ts$/,
    priority: 8,
  },
  // Without what it imports: others need that, and no verifier.
  {
    name: 'verifier',
    test: /@sigstore[\\/](?:bundle|core|protobuf-specs|verify)[\\/](?!package\.json)|core[\\/]src[\\/]sigstore[\\/](?!match-identity|expect-workflow|create-verifiers)/,
    includeDependenciesRecursively: false,
    priority: 7,
  },
  { name: 'messages', test: /[\\/](?:render-error|sanitize|help[\\/]describe)\.ts$/, priority: 7 },
  // What judging and enforcing have in common.
  {
    name: 'policy-file',
    test: /[\\/](?:embedded|find-lockfile|surroundings|approval[\\/]load-policy|approvals-file|finding-codes|model[\\/]evidence|quick-args)\.ts$/,
    priority: 6,
  },
  { name: 'enforcement', test: /[\\/](?:enforce-quickly|render-verdict)\.ts$/, priority: 5 },
  // What judging threads take of that.
  { name: 'attestations', test: /[\\/](?:package-id|ports|verifier|sources[\\/]attestations)\.ts$/, priority: 5 },
  // What judging and installing have in common.
  {
    name: 'settings',
    test: /[\\/](?:open-policy|cli[\\/]src[\\/]policy[\\/]options|evidence[\\/](?:options|directories)|project-files|http[\\/]client|config[\\/]load|cache[\\/](?:store|tarball-facts)|sources[\\/]limits|late-reader|dependency-paths|core[\\/]src[\\/](?:integrity|authority|manifest|map-bounded|checks[\\/]tarball-url))\.ts$/,
    priority: 4,
  },
  { name: 'judgement', test: /[\\/](?:recall-under-policy|commands[\\/]verify)\.ts$/, priority: 3 },
  // Many lockfiles and settings are read without it.
  { name: 'yaml', test: /js-yaml[\\/]|registry[\\/]src[\\/]config[\\/](?:tables|yaml)\.ts$/, priority: 2 },
  // What is read of a project before anything is judged.
  {
    name: 'lockfile',
    test: /[\\/](?:read-lockfile|bind-to-project|package-set|checks[\\/]bind-bytes)\.ts$/,
    priority: 1,
  },
];

/**
 * Bundles the sources of the program into CommonJS files with source maps, one for each set of modules that is loaded
 * together.
 * @param root of the repository
 * @param directory for the files
 */
export async function bundleProgram(root: string, directory: string): Promise<readonly OutputChunk[]> {
  const source = path.join(root, 'packages', 'cli', 'src');
  const bundler = await rolldown({
    cwd: root,
    input: {
      lockseal: path.join(source, 'program.ts'),
      index: path.join(source, 'index.ts'),
      'judge-worker': path.join(source, 'evidence', 'judge-worker.ts'),
      'reading-worker': path.join(root, 'packages', 'registry', 'src', 'tarball', 'reading-worker.ts'),
      'hash-worker': path.join(root, 'packages', 'gate', 'src', 'installed', 'hash-worker.ts'),
    },
    platform: 'node',
    // As a group without what it imports needs it.
    preserveEntrySignatures: 'allow-extension',
    resolve: { conditionNames: ['@lockseal/source', 'node', 'import', 'default'] },
    external: isExternal,
    treeshake: { moduleSideEffects: WITHOUT_EFFECTS },
    transform: { define: NO_CONFIGURATION_OF_YARGS },
    onLog: (_level, { code, message }) => {
      // What one command imports at once another may import late.
      if (code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(message);
    },
  });
  const { output } = await bundler.generate({
    dir: directory,
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    banner: ({ fileName }) => (fileName === PROGRAM ? '#!/usr/bin/env node' : ''),
    sourcemap: true,
    codeSplitting: { groups: TOGETHER },
  });
  await bundler.close();
  fs.mkdirSync(directory, { recursive: true });
  for (const file of output) {
    const where = path.join(directory, file.fileName);
    const content = file.type === 'chunk' ? file.code : file.source;
    fs.writeFileSync(where, where.endsWith('.map') ? withPublishedSources(String(content), where, root) : content);
  }
  fs.chmodSync(path.join(directory, PROGRAM), 0o755);
  return output.filter((each) => each.type === 'chunk');
}
