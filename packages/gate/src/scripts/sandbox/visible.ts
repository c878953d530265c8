import { lstat, readdir, readlink, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { ApprovedScripts } from '../model.ts';
import { isWithin, NESTED } from '../own-files.ts';
import type { Visible } from './bubblewrap.ts';
import type { Surroundings } from './launch.ts';

/** Of the project a script sees what is installed, and these: none of them holds a secret. */
const MANIFESTS = ['package.json', '.pnp.cjs', '.pnp.loader.mjs'] as const;

/** What a script may read beside the system, as far as it is there: Node, node-gyp, and the installed packages. */
export async function readableFiles(
  directory: string,
  { root, readable, node, certificates }: Surroundings,
): Promise<readonly string[]> {
  const prefix = path.dirname(path.dirname(node));
  const files = [
    node,
    headersIn(prefix),
    ...['npm', 'corepack'].map((name) => path.join(modulesIn(prefix), name)),
    toolFolder(),
    path.join(root, NESTED),
    modulesAround(directory, root),
    ...(await plainFiles(MANIFESTS.map((name) => path.join(root, name)))),
    ...readable,
    ...(certificates === undefined ? [] : [certificates]),
  ];
  return existing([...new Set(files)]);
}

/** Where images for containers keep sources, of this project and of others. */
const SOURCES = '/usr/src';

/**
 * Folders that lie in the system's and would be visible with them: the project (`/usr/src/app` is usual in containers), the
 * user's home, all sources. Outermost ones only.
 */
export async function maskedFolders(
  system: readonly string[],
  { root, env }: Pick<Surroundings, 'root' | 'env'>,
): Promise<readonly string[]> {
  const home = env['HOME'];
  const all = await existing([
    SOURCES,
    root,
    ...(home === undefined || !path.isAbsolute(home) ? [] : [path.resolve(home)]),
  ]);
  const inside = all.filter((folder) => system.some((each) => each !== folder && isWithin(each, folder)));
  return inside.filter((folder) => !inside.some((other) => other !== folder && isWithin(other, folder)));
}

/** Where other packages lie in a package's own folder, as npm installs what two packages need in different versions. */
export async function nestedPackages(directory: string): Promise<readonly string[]> {
  return existing([path.join(directory, NESTED)]);
}

/**
 * What a script may write to, and what lies over that. Folders on the way to outputs are writable, because builders remove
 * and make their outputs (`node-gyp rebuild` does), which no mount lets them; so all else that is in them is not. What is
 * made beside the outputs is found afterwards.
 */
export async function writableParts({
  directory,
  permit,
}: Pick<ApprovedScripts, 'directory' | 'permit'>): Promise<readonly Visible[]> {
  const { outputs } = permit;
  if (outputs?.length === 0) return [];
  const kept = outputs === undefined ? [] : await besideOutputs(directory, outputs);
  const over = [...kept, ...(await nestedPackages(directory))];
  return [
    { path: directory, access: 'write' },
    ...[...new Set(over)].map((file) => ({ path: file, access: 'read' }) as const),
  ];
}

async function besideOutputs(directory: string, outputs: readonly string[], below: string = ''): Promise<string[]> {
  const kept: string[] = [];
  for (const item of await readdir(path.join(directory, below), { withFileTypes: true })) {
    const name = path.posix.join(below, item.name);
    if (outputs.includes(name)) continue;
    if (outputs.some((output) => output.startsWith(`${name}/`))) {
      kept.push(...(await besideOutputs(directory, outputs, name)));
      // A link would lay its target over itself; what becomes of it is found afterwards.
    } else if (!item.isSymbolicLink()) kept.push(path.join(directory, name));
  }
  return kept;
}

/** The commands that are links to npm's own files, beside Node. */
export async function linksOf(node: string): Promise<readonly (readonly [at: string, target: string])[]> {
  // What lies in the system's folders is visible there.
  if (isWithin('/usr', node)) return [];
  const names = ['npm', 'npx', 'corepack'].map((name) => path.join(path.dirname(node), name));
  const links = await Promise.all(names.map(async (at) => ({ at, target: await readlink(at).catch(() => undefined) })));
  return links.flatMap(({ at, target }) => (target === undefined ? [] : [[at, target] as const]));
}

/** The folder that node-gyp takes headers from; undefined: it has to fetch them. */
export async function headersOf(node: string): Promise<string | undefined> {
  const prefix = path.dirname(path.dirname(node));
  const [found] = await existing([path.join(headersIn(prefix), 'common.gypi')]);
  return found === undefined ? undefined : prefix;
}

function headersIn(prefix: string): string {
  return path.join(prefix, 'include', 'node');
}

function modulesIn(prefix: string): string {
  return path.join(prefix, 'lib', NESTED);
}

/** The outermost node_modules that a package lies in, within the project; without, it lies in a store of its manager. */
function modulesAround(directory: string, root: string): string {
  const start = isWithin(root, directory) ? root : path.parse(directory).root;
  const parts = path.relative(start, directory).split(path.sep);
  const at = parts.indexOf(NESTED);
  return at < 0 ? directory : path.join(start, ...parts.slice(0, at + 1));
}

/** Where npm's runner and node-gyp lie, with what they import. */
function toolFolder(): string {
  const runner = createRequire(import.meta.url).resolve('@npmcli/run-script');
  return modulesAround(runner, path.parse(runner).root);
}

/** Files that name the one user that there is, and this machine. */
export async function etcFiles(directory: string): Promise<readonly Visible[]> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const texts = {
    passwd: `lockseal:x:${uid}:${gid}::/home/lockseal:/bin/sh\n`,
    group: `lockseal:x:${gid}:\n`,
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
  };
  return Promise.all(
    Object.entries(texts).map(async ([name, text]): Promise<Visible> => {
      const file = path.join(directory, name);
      await writeFile(file, text, { mode: 0o644 });
      return { path: file, at: `/etc/${name}`, access: 'read' };
    }),
  );
}

/** A link in the project would show what it leads to. */
async function plainFiles(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(files.map(async (file) => lstat(file).catch(() => undefined)));
  return files.filter((_, at) => found[at]?.isFile() === true);
}

async function existing(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(async (file) =>
      stat(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}
