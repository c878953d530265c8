import { Unreadable, type Item } from './disk.ts';
import { join, targetOf, type PackageFolder } from './layout.ts';
import { STATE_FILES, STORES } from './permitted.ts';
import type { Run } from './run.ts';

/** pnpm keeps the packages that extend pnpm itself there. */
const CONFIG_PACKAGES = '.pnpm-config';

/** Where in the layout a `node_modules` folder is, which decides what beside packages may be in it. */
type Position = 'importer' | 'store' | 'package';

/** Lists a folder; what cannot be read is told, and holds nothing. */
export function itemsOf(run: Run, place: string): readonly Item[] {
  try {
    return run.disk.items(place);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    run.told.undecide(undefined, place, error.message);
    return [];
  }
}

/** A `node_modules` folder: notes links and programs, tells what does not belong there, gives back the folders of packages. */
export function walkModules(run: Run, place: string, position: Position): PackageFolder[] {
  return itemsOf(run, place).flatMap((item) => walkModulesItem(run, place, item, position));
}

/** One name in a `node_modules` folder. */
export function walkModulesItem(run: Run, modules: string, item: Item, position: Position): PackageFolder[] {
  const place = join(modules, item.name);
  const { format } = run.lockfile;
  if (item.name === '.bin' && item.type === 'folder') return walkPrograms(run, place);
  if (position === 'importer') {
    if (item.type === 'file' && STATE_FILES[format].includes(item.name)) return permitState(run);
    if (item.type === 'folder' && item.name === STORES[format]?.name) return walkStore(run, place);
    if (item.type === 'folder' && item.name === CONFIG_PACKAGES && format === 'pnpm') {
      return walkModules(run, place, 'package');
    }
  }
  if (item.name.startsWith('@') && item.type === 'folder') {
    return itemsOf(run, place).flatMap((inner) => walkNamed(run, join(place, inner.name), inner, item.name));
  }
  return walkNamed(run, place, item, undefined);
}

/** What is found under a name that can be imported. */
function walkNamed(run: Run, place: string, item: Item, scope: string | undefined): PackageFolder[] {
  const name = scope === undefined ? item.name : `${scope}/${item.name}`;
  if (item.type === 'folder' && !item.name.startsWith('.')) return [{ place, name }];
  if (item.type === 'link') addLink(run, place, name);
  else tellExtra(run, place, item);
  return [];
}

/** The folder in which linked layouts keep their packages: one folder each, with a `node_modules` of its own. */
function walkStore(run: Run, store: string): PackageFolder[] {
  return itemsOf(run, store).flatMap((item) => {
    const place = join(store, item.name);
    const { format } = run.lockfile;
    if (item.type === 'file' && STORES[format]?.files.includes(item.name) === true) return permitState(run);
    if (item.type !== 'folder') return tellExtra(run, place, item);
    if (item.name === 'node_modules') return walkModules(run, place, 'store');
    const isScope = format === 'npm' && item.name.startsWith('@');
    return isScope ? walkStore(run, place) : walkStored(run, place);
  });
}

function walkStored(run: Run, folder: string): PackageFolder[] {
  return itemsOf(run, folder).flatMap((item) => {
    const place = join(folder, item.name);
    if (item.type === 'folder' && item.name === 'node_modules') return walkModules(run, place, 'store');
    const isPackage = item.type === 'folder' && item.name === 'package' && run.lockfile.format === 'yarn-berry';
    return isPackage ? [{ place, name: undefined }] : tellExtra(run, place, item);
  });
}

/** Programs are looked at once all packages are known that they may lead to. */
export function walkPrograms(run: Run, folder: string): [] {
  for (const item of itemsOf(run, folder)) {
    const place = join(folder, item.name);
    if (item.type === 'link' || item.type === 'file') {
      run.layout.programs.push({ place, name: item.name, type: item.type === 'link' ? 'link' : 'script' });
    } else tellExtra(run, place, item);
  }
  return [];
}

function addLink(run: Run, place: string, name: string): void {
  try {
    run.layout.add({ type: 'link', place, name, to: targetOf(place, run.disk.linkText(place), run.root) });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    run.told.undecide(undefined, place, error.message);
  }
}

function tellExtra(run: Run, place: string, { type }: Item): [] {
  run.layout.add({ type: 'unknown', place });
  const thing = type === 'folder' || type === 'link' ? type : 'file';
  run.told.differ(undefined, { kind: 'extra', thing, place, found: DESCRIPTIONS[type] });
  return [];
}

function permitState(run: Run): [] {
  run.told.permit('state-file');
  return [];
}

/** A type as messages name it. */
export const DESCRIPTIONS: Readonly<Record<Item['type'], string>> = {
  file: 'a file',
  folder: 'a folder',
  link: 'a symbolic link',
  other: 'neither file, folder nor link',
};
