// What a package manager put on disk: every real directory that node_modules folders hold, however they are arranged.
import fs from 'node:fs';
import path from 'node:path';

export interface InstalledPackage {
  /** POSIX path from the project's root: `node_modules/a/node_modules/b`. */
  readonly place: string;
  /** `name@version` of the package.json there. */
  readonly id: string;
  /** Below a package that bundles it. */
  readonly isBundled: boolean;
}

/** Symbolic links are not followed: what they lead to is found in its own place. */
export function installedPackages(project: string): readonly InstalledPackage[] {
  const found: InstalledPackage[] = [];
  for (const home of ['', ...workspacesOf(project)])
    visit(project, path.posix.join(home, 'node_modules'), new Set(), found);
  return found;
}

function workspacesOf(project: string): readonly string[] {
  return fs.readdirSync(path.join(project, 'packages')).map((name) => `packages/${name}`);
}

function visit(project: string, modules: string, bundled: ReadonlySet<string>, found: InstalledPackage[]): void {
  for (const name of namesIn(path.join(project, modules))) {
    const place = `${modules}/${name}`;
    const manifest = manifestAt(path.join(project, place));
    if (manifest !== undefined) {
      found.push({ place, id: `${manifest.name}@${manifest.version}`, isBundled: bundled.has(name) });
    }
    visit(project, `${place}/node_modules`, new Set(manifest?.bundleDependencies ?? []), found);
  }
}

/** Directories of packages, and the stores of linked layouts (`.pnpm/a@1.0.0`), whose own node_modules hold packages. */
function namesIn(modules: string): readonly string[] {
  return directoriesIn(modules).flatMap((name) => {
    if (name.startsWith('@')) return directoriesIn(path.join(modules, name)).map((base) => `${name}/${base}`);
    if (!name.startsWith('.')) return [name];
    return ['', ...directoriesIn(path.join(modules, name)).map((item) => `/${item}`)].map((item) => `${name}${item}`);
  });
}

function directoriesIn(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  const items = fs.readdirSync(folder, { withFileTypes: true });
  return items.filter((item) => item.isDirectory()).map(({ name }) => name);
}

interface InstalledManifest {
  readonly name: string;
  readonly version: string;
  readonly bundleDependencies?: readonly string[];
}

function manifestAt(folder: string): InstalledManifest | undefined {
  const file = path.join(folder, 'package.json');
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as InstalledManifest) : undefined;
}
