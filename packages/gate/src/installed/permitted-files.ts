import type { ApprovedPackage } from './approved.ts';
import { join } from './layout.ts';
import type { Run } from './run.ts';

const SOURCE_TAG = /^[\u0021-\u007e]{1,1024}\n?$/;
const TAG_BOUND = 2048;

/** Yarn's pnpm linker puts a package.json that says nothing in the place of a package for another platform. */
export function isPlaceholder(run: Run, { name }: ApprovedPackage, place: string): boolean {
  if (run.lockfile.format !== 'yarn-berry') return false;
  const [only, ...others] = run.disk.items(place);
  if (only?.name !== 'package.json' || only.type !== 'file' || others.length > 0) return false;
  const text = run.disk.small(join(place, 'package.json'), run.limits.manifest)?.toString();
  return text?.trimEnd() === JSON.stringify({ name, mocked: true }, null, 2);
}

/** A file that no tarball has and that a package manager writes into a package's folder. @throws Unreadable */
export function permittedFile(
  run: Run,
  of: ApprovedPackage,
  place: string,
  file: string,
): 'source-tag' | 'unplugged' | undefined {
  const { format } = run.lockfile;
  if (format === 'bun' && file === '.bun-tag' && of.entries.every(({ source }) => source.type !== 'registry')) {
    const text = run.disk.small(join(place, file), TAG_BOUND)?.toString();
    return text !== undefined && SOURCE_TAG.test(text) ? 'source-tag' : undefined;
  }
  const isUnplugged = format === 'yarn-berry' && file === '.ready' && place.includes('.yarn/unplugged/');
  return isUnplugged && run.disk.file(join(place, file)).size === 0 ? 'unplugged' : undefined;
}

/** Whether an approved install script of the package may have written there. */
export function mayBeWritten({ written }: Run, { entries }: ApprovedPackage, file: string): boolean {
  const folders = entries.flatMap(({ id }) => written.get(id) ?? []);
  return folders.some((folder) => folder === '' || file.startsWith(`${folder.replace(/\/+$/, '')}/`));
}
