import { hash } from 'node:crypto';
import type { ApprovedPackage } from './approved.ts';
import { Unreadable, type Item } from './disk.ts';
import type { ExpectedFile, ExpectedFiles } from './expected-files.ts';
import { join, type PackageFolder } from './layout.ts';
import { isProgram, type LazyHint } from './manifest-hint.ts';
import { isMerged, mayBeWritten, ownsModules, permittedFile } from './permitted-files.ts';
import type { FileFound, FileStat, Reading } from './read-digest.ts';
import type { InstalledDifference } from './report.ts';
import type { Run } from './run.ts';
import { takeBack, type FilePatch } from './take-back-patch.ts';
import { DESCRIPTIONS } from './walk-modules.ts';

/** A folder, and the approved package that it must be. */
export interface PackageToCompare {
  readonly folder: PackageFolder;
  readonly of: ApprovedPackage;
  readonly expected: ExpectedFiles;
  readonly hint: LazyHint;
  readonly patch: PackagePatch;
}

/** What a patch does, by file; `unknown`: it may have done anything. */
export type PackagePatch = ReadonlyMap<string, FilePatch> | 'unknown';

const MAX_PATCHED = 64 * 1024 * 1024;
const NOTHING = hash('sha256', '');
const PATCHED = 'it differs, and the package is patched in a way that cannot be taken back';
const ANY_EXECUTE = 0o111;
const SET_ID = 0o7000;

type Difference = Partial<InstalledDifference> & Pick<InstalledDifference, 'kind' | 'thing'>;

/** Holds what is found in one package's folder against its files. */
export class PackageFiles {
  readonly #run: Run;
  readonly #place: string;
  readonly #of: ApprovedPackage;
  readonly #expected: ExpectedFiles;
  readonly #patch: PackagePatch;
  readonly #seen = new Set<string>();
  /** The package's own package.json, and those of the packages that it bundles, by folder. */
  readonly #hints: Map<string, LazyHint>;

  constructor(run: Run, { folder, of, expected, hint, patch }: PackageToCompare) {
    this.#run = run;
    this.#place = folder.place;
    this.#of = of;
    this.#expected = expected;
    this.#patch = patch;
    this.#hints = new Map([['', hint]]);
  }

  /** A bundled package's programs are programs, too. */
  addBundled(folder: string, hint: LazyHint): void {
    this.#hints.set(folder, hint);
  }

  /** Anything but a folder. */
  compare(file: string, item: Item): void {
    try {
      this.#compareFile(file, item);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#run.told.undecide(this.#of, join(this.#place, file), error.message);
    }
  }

  /** If a file should be where the folder is. */
  tellFolder(folder: string): void {
    if (!this.#expected.files.has(folder)) return;
    this.#seen.add(folder);
    this.#changed(folder, 'a file', DESCRIPTIONS.folder);
  }

  /** A folder below which no approved file is: one difference for all that it holds. */
  tellStrange(folder: string, items: number): void {
    this.#differ({ kind: 'extra', thing: 'folder', file: folder, found: `a folder with ${items} items` });
  }

  /** Once everything was looked at. */
  tellMissing(): void {
    for (const [file, expected] of this.#expected.files) if (!this.#seen.has(file)) this.#missing(file, expected);
  }

  #compareFile(file: string, { type }: Item): void {
    const expected = this.#expected.files.get(file);
    if (this.#seen.has(file)) return this.#extra(file, type);
    const patch = this.#patch === 'unknown' ? undefined : this.#patch.get(file);
    if (patch !== undefined && type === 'file') return this.#comparePatched(file, expected, patch);
    if (expected === undefined) return this.#extra(file, type);
    this.#seen.add(file);
    if (type !== 'file') return this.#changed(file, 'a file', DESCRIPTIONS[type]);
    this.#read(file, expected, expected.size, 'whole');
  }

  /** The digest is taken later; what it tells is told then. */
  #read(file: string, expected: ExpectedFile, size: number, reading: Reading): void {
    const wanted = { file: this.#run.disk.pathOf(join(this.#place, file)), size, reading };
    this.#run.hasher.read(wanted, (found) => this.#compareFound(file, expected, found, reading));
  }

  #compareFound(file: string, expected: ExpectedFile, found: FileFound, reading: Reading): void {
    switch (found.type) {
      case 'unreadable':
        this.#run.counts.files++;
        return this.#run.told.undecide(this.#of, join(this.#place, file), found.reason);
      case 'other-size':
        if (reading === 'whole' && found.size === expected.size - 1 && this.#isProgram(file))
          return this.#read(file, expected, found.size, 'with-carriage-return');
        this.#compareMode(file, expected, found);
        return this.#changed(file, `${expected.size} bytes`, `${found.size} bytes`);
      case 'digest':
        this.#run.counts.files++;
        this.#compareMode(file, expected, found);
        return this.#compareDigest(file, expected, found, reading);
    }
  }

  /** A file that the patch makes must be nothing without it. */
  #comparePatched(file: string, expected: ExpectedFile | undefined, patch: FilePatch): void {
    this.#seen.add(file);
    const place = join(this.#place, file);
    if (expected !== undefined) this.#compareMode(file, expected, this.#run.disk.file(place));
    const bytes = this.#run.disk.small(place, MAX_PATCHED);
    const original = bytes === undefined ? undefined : takeBack(bytes, patch);
    const wanted = patch.from === undefined ? NOTHING : expected?.sha256;
    this.#run.counts.files++;
    if (original !== undefined && hash('sha256', original) === wanted) this.#run.told.permit('patched');
    else this.#changed(file, "the approved file with the project's patch", 'other bytes');
  }

  /** Bits that let a file run as a program or as another user; that one is missing does no harm. */
  #compareMode(file: string, { executable }: ExpectedFile, { mode, names }: FileStat): void {
    const found = `mode ${octal(mode)}`;
    const tell = (expected: string): void => this.#differ({ kind: 'changed', thing: 'file', file, expected, found });
    if ((mode & SET_ID) !== 0) tell('no set-user-ID, set-group-ID or sticky bit');
    if (executable || (mode & ANY_EXECUTE) === 0 || this.#run.platform.os === 'win32') return;
    const { format } = this.#run.lockfile;
    if (this.#isProgram(file)) this.#run.told.permit('program-bit');
    else if (names > 1 && (format === 'pnpm' || format === 'yarn-berry')) this.#run.told.permit('shared-bit');
    else tell('a file that cannot be run');
  }

  #compareDigest(
    file: string,
    expected: ExpectedFile,
    { sha256, size }: Extract<FileFound, { type: 'digest' }>,
    reading: Reading,
  ): void {
    const isWhole = reading === 'whole';
    if (sha256 === expected.sha256) {
      if (!isWhole) this.#run.told.permit('program-line-end');
      else if (expected.renamed) this.#run.told.permit('gitignore');
    } else if (isWhole) this.#changed(file, `sha256:${expected.sha256}`, `sha256:${sha256}`);
    else this.#changed(file, `${expected.size} bytes`, `${size} bytes`);
  }

  #isProgram(file: string): boolean {
    return [...this.#hints].some(
      ([folder, hint]) =>
        (folder === '' || file.startsWith(`${folder}/`)) &&
        isProgram(hint(), folder === '' ? file : file.slice(folder.length + 1)),
    );
  }

  #extra(file: string, type: Item['type']): void {
    const isOutput = type !== 'other' && mayBeWritten(this.#run, this.#of, file);
    if (isOutput) return this.#run.told.permit('script-output');
    if (type === 'file' && this.#mayBeMerged(file))
      return this.#compareMerged(file, { kind: 'extra', found: DESCRIPTIONS.file });
    const permitted = type === 'file' ? permittedFile(this.#run, this.#of, this.#place, file) : undefined;
    if (permitted === undefined) this.#differ({ kind: 'extra', thing: 'file', file, found: DESCRIPTIONS[type] });
    else this.#run.told.permit(permitted);
  }

  #missing(file: string, { sha256 }: ExpectedFile): void {
    const patch = this.#patch === 'unknown' ? undefined : this.#patch.get(file);
    if (patch !== undefined && patch.to === undefined) this.#run.told.permit('patched');
    else if (this.#expected.isPartial) this.#run.told.permit('left-out');
    else if (file.startsWith('node_modules/') && !ownsModules(this.#run, this.#place))
      this.#run.told.permit('bundled-elsewhere');
    else this.#differ({ kind: 'missing', thing: 'file', file, expected: `sha256:${sha256}` });
  }

  #changed(file: string, expected: string, found: string): void {
    if (this.#mayBeMerged(file)) this.#compareMerged(file, { kind: 'changed', expected, found });
    else this.#differ({ kind: 'changed', thing: 'file', file, expected, found });
  }

  /** The bundled package in whose folder a file lies, where Yarn 1 may have installed another one over it. */
  #bundledHolder(file: string): string | undefined {
    return [...this.#hints.keys()].findLast((folder) => folder !== '' && file.startsWith(`${folder}/`));
  }

  #mayBeMerged(file: string): boolean {
    return this.#run.lockfile.format === 'yarn-classic' && this.#bundledHolder(file) !== undefined;
  }

  #compareMerged(file: string, otherwise: Pick<InstalledDifference, 'kind'> & Partial<InstalledDifference>): void {
    const folder = this.#bundledHolder(file) ?? '';
    const merged = isMerged(this.#run, join(this.#place, folder), file.slice(folder.length + 1));
    this.#run.pending.push(
      merged.then((is) => {
        if (is) this.#run.told.permit('bundled-merged');
        else this.#differ({ ...otherwise, thing: 'file', file });
      }),
    );
  }

  #differ(difference: Difference): void {
    if (this.#patch !== 'unknown') this.#run.told.differ(this.#of, { ...difference, place: this.#place });
    else this.#run.told.undecide(this.#of, join(this.#place, difference.file ?? ''), PATCHED);
  }
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
