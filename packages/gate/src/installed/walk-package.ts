import { Unreadable, type Item } from './disk.ts';
import { PackageFiles, type PackageToCompare } from './compare-files.ts';
import { join, type PackageFolder } from './layout.ts';
import { manifestHint, ManifestHint } from './manifest-hint.ts';
import { mayBeWritten, ownsModules } from './permitted-files.ts';
import type { Run } from './run.ts';
import { itemsOf, walkModulesItem, walkPrograms } from './walk-modules.ts';

/** The folder of the package itself, or of a package that its tarball bundles. */
const PACKAGE_ROOT = /^(?:(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+)*$/;

/** Walks one package's folder: each file against the approved one, as the folders list them. */
export class PackageWalk {
  readonly #run: Run;
  readonly #place: string;
  readonly #package: PackageToCompare;
  readonly #files: PackageFiles;
  readonly #nested: PackageFolder[] = [];

  constructor(run: Run, compared: PackageToCompare) {
    this.#run = run;
    this.#place = compared.folder.place;
    this.#package = compared;
    this.#files = new PackageFiles(run, compared);
  }

  /** The folders of other packages inside this one. */
  compare(): readonly PackageFolder[] {
    this.#folder('');
    this.#files.tellMissing();
    return this.#nested;
  }

  #folder(folder: string): void {
    for (const item of itemsOf(this.#run, join(this.#place, folder))) {
      const file = join(folder, item.name);
      if (item.type !== 'folder') this.#files.compare(file, item);
      else if (item.name === 'node_modules' && PACKAGE_ROOT.test(folder)) this.#modules(file);
      else this.#subfolder(file);
    }
  }

  #subfolder(folder: string): void {
    this.#files.tellFolder(folder);
    if (this.#package.expected.folders.has(folder)) this.#folder(folder);
    else this.#strangeFolder(folder);
  }

  /** No approved file is below: one difference for all that is there. */
  #strangeFolder(folder: string): void {
    const place = join(this.#place, folder);
    const items = itemsOf(this.#run, place);
    if (items.every(({ type }) => type === 'folder')) {
      if (items.length === 0) this.#run.told.permit('empty-folder');
      for (const { name } of items) this.#strangeFolder(join(folder, name));
    } else if (this.#run.written.size > 0 && mayBeWritten(this.#run, this.#package.of, `${folder}/`))
      this.#folder(folder);
    else this.#files.tellStrange(folder, items.length);
  }

  /** A `node_modules` inside: what the tarball bundles is compared as its files, all else is other packages. */
  #modules(folder: string): void {
    for (const item of itemsOf(this.#run, join(this.#place, folder))) {
      const path = join(folder, item.name);
      if (item.type === 'folder' && item.name.startsWith('@')) {
        for (const inner of itemsOf(this.#run, join(this.#place, path)))
          this.#module(join(path, inner.name), inner, folder);
      } else this.#module(path, item, folder);
    }
  }

  #module(path: string, item: Item, modules: string): void {
    const { files, folders } = this.#package.expected;
    const isOwn = ownsModules(this.#run, this.#place) && (folders.has(path) || files.has(path));
    const place = join(this.#place, path);
    if (isOwn && item.type === 'folder' && item.name !== '.bin') {
      this.#run.layout.add({ type: 'bundled', place, owner: this.#place });
      this.#files.addBundled(
        path,
        once(() => this.#hintOf(place)),
      );
      this.#folder(path);
    } else if (isOwn && item.type === 'folder') this.#folder(path);
    else if (isOwn) this.#files.compare(path, item);
    else if (item.name === '.bin' && item.type === 'folder') walkPrograms(this.#run, place);
    else this.#nested.push(...this.#other(path, item, modules));
  }

  #other(path: string, item: Item, modules: string): readonly PackageFolder[] {
    const rest = path.slice(modules.length + 1);
    const name = rest.includes('/') ? { ...item, name: rest } : item;
    return walkModulesItem(this.#run, join(this.#place, modules), name, 'package');
  }

  #hintOf(place: string): ManifestHint {
    try {
      return manifestHint(this.#run, place);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return new ManifestHint(undefined);
    }
  }
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
