// Builds the package `lockseal` as it is published, in packages/cli/dist/package: the program, bundled into a few
// CommonJS files that are not minified, with source maps, the licences of what was bundled, and a package.json that
// depends on what was not. docs/performance.md tells why it is bundled, and why as CommonJS.
//
//   npm run build
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { rolldown, type OutputAsset, type OutputChunk } from 'rolldown';
import { isExternal, libraryOf } from './program/external.ts';
import { publishedManifest, specifiersOf } from './program/manifest.ts';
import { noticeOf, packagesOf } from './program/notice.ts';
import { withPublishedSources } from './program/source-map.ts';

const root = path.dirname(import.meta.dirname);
const cli = path.join(root, 'packages', 'cli');
const target = path.join(cli, 'dist', 'package');
/** As deep as the sources, so that what they find beside the package's folder is found from here, too. */
const program = path.join(target, 'dist', 'program');

const OURS = /[\\/]packages[\\/][^\\/]+[\\/]src[\\/]/;
/** yargs would resolve what its `.config()` extends with this; we have no such configuration. */
const NO_CONFIGURATION_OF_YARGS = { 'import.meta.resolve': 'undefined' };

async function build(): Promise<void> {
  fs.rmSync(target, { recursive: true, force: true });
  const output = await bundle();
  const chunks = output.filter((each) => each.type === 'chunk');
  writeProgram(output);
  copyRest();
  writeNotice(chunks);
  writeManifest(chunks);
}

async function bundle(): Promise<readonly (OutputAsset | OutputChunk)[]> {
  const source = path.join(cli, 'src');
  const bundler = await rolldown({
    cwd: root,
    input: { lockseal: path.join(source, 'program.ts'), index: path.join(source, 'index.ts') },
    platform: 'node',
    resolve: { conditionNames: ['@lockseal/source', 'node', 'import', 'default'] },
    external: isExternal,
    // No module of ours does anything by being loaded, so that none is loaded for what only passes through it.
    treeshake: { moduleSideEffects: [{ test: OURS, sideEffects: false }] },
    transform: { define: NO_CONFIGURATION_OF_YARGS },
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  const { output } = await bundler.generate({
    dir: program,
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    banner: ({ name }) => (name === 'lockseal' ? '#!/usr/bin/env node' : ''),
    sourcemap: true,
  });
  await bundler.close();
  return output;
}

function writeProgram(output: readonly (OutputAsset | OutputChunk)[]): void {
  for (const file of output) {
    const where = path.join(program, file.fileName);
    const content = file.type === 'chunk' ? file.code : file.source;
    fs.mkdirSync(path.dirname(where), { recursive: true });
    fs.writeFileSync(where, where.endsWith('.map') ? withPublishedSources(String(content), where, root) : content);
  }
  fs.chmodSync(path.join(program, 'lockseal.cjs'), 0o755);
}

/** The library entry with the types that it needs, the licence, the README. */
function copyRest(): void {
  const types = ['index.d.ts', 'main.d.ts', 'run-process.d.ts', 'exit-codes.d.ts', 'io/console.d.ts'];
  for (const file of types) {
    fs.cpSync(path.join(cli, 'dist', file), path.join(target, 'dist', file));
  }
  fs.writeFileSync(
    path.join(target, 'dist', 'index.js'),
    "export { EXIT, main, runProcess } from './program/index.cjs';\n",
  );
  fs.copyFileSync(path.join(cli, 'README.md'), path.join(target, 'README.md'));
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
}

function writeNotice(chunks: readonly OutputChunk[]): void {
  const bundled = packagesOf(chunks.flatMap(({ moduleIds }) => moduleIds));
  fs.writeFileSync(path.join(target, 'THIRD-PARTY.md'), noticeOf(bundled));
}

/** What is imported at run time becomes a dependency; in a checkout it is linked, so that the program runs where it lies. */
function writeManifest(chunks: readonly OutputChunk[]): void {
  const imported = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  const files = new Set(chunks.map(({ fileName }) => fileName));
  const libraries = new Set(imported.filter((id) => !files.has(id) && !isBuiltin(id)).map(libraryOf));
  const specifiers = specifiersOf([...libraries].sort(), path.join(root, 'packages'));
  const manifest = publishedManifest(path.join(cli, 'package.json'), specifiers);
  fs.writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const { name, folder } of specifiers) {
    const link = path.join(target, 'node_modules', name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(path.join(folder, 'node_modules', name), link, 'junction');
  }
}

try {
  await build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
