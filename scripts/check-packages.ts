// Checks what users would receive: packs every package, judges the tarballs, installs them into an empty folder and
// runs the command that was installed. Needs the npm registry for the packages' own dependencies.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const root = path.dirname(import.meta.dirname);
const pnpm = path.join(root, 'scripts', 'bootstrap', 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-packages-'));

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly version: string;
  /** Of a hook: its one file. */
  readonly exports?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function main(): void {
  const all = fs.readdirSync(path.join(root, 'packages')).map((name) => path.join(root, 'packages', name));
  build(all);
  const published = all.filter((folder) => readManifest(folder).private !== true);
  // Hooks are one plain file each, which package managers load themselves.
  for (const folder of published.filter(isHook)) checkHook(folder);
  const folders = published.filter((folder) => !isHook(folder));
  const tarballs = folders.map((folder) => {
    const tarball = pack(folder);
    checkContents(tarball, folder);
    tool('publint', ['--strict', tarball]);
    tool('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii']);
    console.log(`${readManifest(folder).name}: packed, publint and attw agree`);
    return tarball;
  });
  const installed = install(tarballs);
  importEach(installed, folders);
  runCommand(installed);
  loadProgram(installed);
  checkFault(installed);
}

function build(folders: readonly string[]): void {
  for (const folder of folders) fs.rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
  tool('tsc', ['-b']);
  run(process.execPath, [path.join(root, 'scripts', 'build-program.ts')], root);
}

function pack(folder: string): string {
  const printed = run(process.execPath, [pnpm, 'pack', '--json', '--pack-destination', work], folder);
  const { filename } = JSON.parse(printed) as { filename: string };
  return path.resolve(work, filename);
}

const LIBRARY_FILE = /^package\/(?:package\.json|README\.md|LICENSE|dist\/.+\.(?:js|d\.ts|json)|schema\/.+\.json)$/;
const PROGRAM_FILE =
  /^package\/(?:package\.json|README\.md|LICENSE|THIRD-PARTY\.md|man\/lockseal\.1|dist\/index\.js|dist\/.+\.d\.ts|dist\/program\/[^/]+\.cjs(?:\.map)?)$/;
/** Far above what any package has; one that grows beyond holds something that it should not. */
const MAX_PACKED_BYTES = 3 * 1024 * 1024;

/** Nothing is missing from the tarball, and nothing came along by accident. */
function checkContents(tarball: string, folder: string): void {
  const files = run('tar', ['-tzf', tarball], work).trim().split('\n');
  const expected = ['package/package.json', 'package/README.md', 'package/dist/index.js', 'package/dist/index.d.ts'];
  const isProgram = readManifest(folder).name === 'lockseal';
  if (isProgram)
    expected.push(
      'package/dist/program/lockseal.cjs',
      'package/THIRD-PARTY.md',
      'package/LICENSE',
      'package/man/lockseal.1',
    );
  for (const file of expected) {
    if (!files.includes(file)) throw new Error(`${path.basename(tarball)} lacks ${file}`);
  }
  const known = isProgram ? PROGRAM_FILE : LIBRARY_FILE;
  const strays = files.filter((file) => !known.test(file));
  if (strays.length > 0) throw new Error(`${path.basename(tarball)} also holds ${strays.join(', ')}`);
  const { size } = fs.statSync(tarball);
  if (size > MAX_PACKED_BYTES) throw new Error(`${path.basename(tarball)} has ${size} bytes`);
  const manifest = run('tar', ['-xzOf', tarball, 'package/package.json'], work);
  if (/@lockseal\/source|workspace:|catalog:/.test(manifest)) {
    throw new Error(`package.json in ${path.basename(tarball)} still speaks of the workspace`);
  }
}

function isHook(folder: string): boolean {
  return path.basename(folder).startsWith('hooks-');
}

function checkHook(folder: string): void {
  const tarball = pack(folder);
  const { name, exports: file } = readManifest(folder);
  const files = run('tar', ['-tzf', tarball], work).trim().split('\n').toSorted();
  const expected = ['LICENSE', 'README.md', 'package.json', path.basename(file ?? '')].map((each) => `package/${each}`);
  if (files.join() !== expected.toSorted().join()) throw new Error(`${name} holds ${files.join(', ')}`);
  tool('publint', ['--strict', tarball]);
  const url = JSON.stringify(pathToFileURL(path.join(folder, file ?? '')).href);
  run(process.execPath, ['--input-type=module', '--eval', `await import(${url})`], work);
  console.log(`${name}: packed, publint agrees, and it loads`);
}

function install(tarballs: readonly string[]): string {
  const folder = path.join(work, 'project');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'package.json'), '{"name": "trial", "private": true, "type": "module"}\n');
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], folder);
  return folder;
}

function importEach(installed: string, folders: readonly string[]): void {
  for (const folder of folders) {
    const { name } = readManifest(folder);
    run(process.execPath, ['--input-type=module', '--eval', `await import(${JSON.stringify(name)})`], installed);
  }
  console.log('every package can be imported where it is installed');
}

function runCommand(installed: string): void {
  const { version } = readManifest(path.join(root, 'packages', 'cli'));
  const printed = run(path.join(installed, 'node_modules', '.bin', 'lockseal'), ['--version'], installed).trim();
  if (printed !== version)
    throw new Error(`lockseal --version printed ${JSON.stringify(printed)}, expected ${version}`);
  console.log(`lockseal ${printed} runs where it is installed`);
}

/** Every file of the program finds what it imports, also those that only rare commands load. */
function loadProgram(installed: string): void {
  const program = path.join(installed, 'node_modules', 'lockseal', 'dist', 'program');
  const files = fs.readdirSync(program).filter((name) => name.endsWith('.cjs') && name !== 'lockseal.cjs');
  for (const file of files) run(process.execPath, ['--eval', `require(${JSON.stringify(`./${file}`)})`], program);
  const { dependencies, optionalDependencies } = readManifest(path.dirname(path.dirname(program)));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    run(process.execPath, ['--eval', `import(${JSON.stringify(name)})`], program);
  }
  console.log(`all ${files.length} files of the program load, and so do its dependencies`);
}

/** Where lockseal itself is at fault it names the lines of its sources, not of the bundle. */
function checkFault(installed: string): void {
  const copy = path.join(work, 'without-manifest');
  fs.cpSync(path.join(installed, 'node_modules', 'lockseal', 'dist'), path.join(copy, 'dist'), { recursive: true });
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(copy, 'dist', 'program', 'lockseal.cjs'), '--version'],
    { encoding: 'utf8' },
  );
  if (status !== 4 || !/readVersion \(packages\/cli\/src\/io\/version\.ts:\d+:\d+\)/.test(stderr)) {
    throw new Error(`a fault is not told by the lines of the sources:\n${stderr}`);
  }
  console.log('a fault is told by the lines of the sources');
}

function tool(name: string, args: readonly string[]): string {
  return run(path.join(root, 'node_modules', '.bin', name), args, root);
}

function run(program: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${path.basename(program)} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
