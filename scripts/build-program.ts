// Builds the package `lockseal` as it is published, in packages/cli/dist/package: the program, bundled into a few
// CommonJS files that are not minified, with source maps, the licences of what was bundled, and a package.json that
// depends on what was not. docs/performance.md tells why it is bundled, and why as CommonJS.
//
//   npm run build
//   node scripts/build-program.ts --tested     the program alone, in packages/cli/dist/tested, for the tests
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { OutputChunk } from 'rolldown';
import { bundleProgram } from './program/bundle.ts';
import { libraryOf } from './program/external.ts';
import { publishedManifest, specifiersOf } from './program/manifest.ts';
import { noticeOf, packagesOf } from './program/notice.ts';

const root = path.dirname(import.meta.dirname);
const cli = path.join(root, 'packages', 'cli');

async function build(target: string): Promise<void> {
  fs.rmSync(target, { recursive: true, force: true });
  const chunks = await bundle(target);
  copyRest(target);
  const bundled = packagesOf(chunks.flatMap(({ moduleIds }) => moduleIds));
  fs.writeFileSync(path.join(target, 'THIRD-PARTY.md'), noticeOf(bundled));
}

/** Made beside it and put in its place: tests may be using the one that is there. */
async function buildTested(target: string): Promise<void> {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const made = fs.mkdtempSync(`${target}-`);
  await bundle(made);
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(made, target);
}

async function bundle(target: string): Promise<readonly OutputChunk[]> {
  // As deep as the sources, so that what they find beside the package's folder is found from here, too.
  const chunks = await bundleProgram(root, path.join(target, 'dist', 'program'));
  writeManifest(target, chunks);
  return chunks;
}

/** The entry for programs with the types that it needs, the manual page, the licence, the README. */
function copyRest(target: string): void {
  for (const file of ['index.d.ts', 'main.d.ts', 'run-process.d.ts', 'exit-codes.d.ts', 'io/console.d.ts']) {
    fs.cpSync(path.join(cli, 'dist', file), path.join(target, 'dist', file));
  }
  const entry = "export { EXIT, main, runProcess } from './program/index.cjs';\n";
  fs.writeFileSync(path.join(target, 'dist', 'index.js'), entry);
  fs.copyFileSync(path.join(cli, 'README.md'), path.join(target, 'README.md'));
  fs.cpSync(path.join(cli, 'man'), path.join(target, 'man'), { recursive: true });
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
}

/** What is imported at run time becomes a dependency; in a checkout it is linked, so that the program runs where it lies. */
function writeManifest(target: string, chunks: readonly OutputChunk[]): void {
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
  if (process.argv.includes('--tested')) await buildTested(path.join(cli, 'dist', 'tested'));
  else await build(path.join(cli, 'dist', 'package'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
