import { hash } from 'node:crypto';
import fs from 'node:fs';
import { LocksealError, type LockedPackage } from '@lockseal/core';
import { READ_REGULAR } from '../../store/directory.ts';
import type { ApprovedPackage } from '../approved.ts';
import { reasonOf } from '../disk.ts';
import { committedFiles } from '../committed-files.ts';
import { expectedFiles, type ExpectedFiles } from '../expected-files.ts';
import { programsIn } from '../manifest-hint.ts';
import { patchedChecksum } from '../patched-zip.ts';
import type { Run } from '../run.ts';
import { fileInZip, StrangeZip, zipFiles, type ZipFile } from './zip-files.ts';

interface ZipToCompare {
  /** Absolute. */
  readonly file: string;
  /** As the map names it. */
  readonly place: string;
  /** Of the folder in it. */
  readonly name: string;
  readonly of: ApprovedPackage;
  readonly entry: LockedPackage;
}

/** Zips are read whole; the largest packages have some 100 MiB. */
const MAX_ZIP = 512 * 1024 * 1024;

/** Compares every entry of one of Yarn's zips with the approved tarball, however Yarn has packed them. */
export async function compareZip(run: Run, zip: ZipToCompare): Promise<void> {
  const { of, place } = zip;
  try {
    if (of.artifact === undefined) return await compareCommitted(run, zip);
    if (zip.entry.source.type === 'patched') return comparePatched(run, zip);
    const list = await run.fileList(of.artifact);
    compareEntries(run, zip, expectedFiles(list, 'yarn-berry', of));
  } catch (error) {
    if (error instanceof LocksealError)
      run.told.undecide(of, place, `its approved files cannot be listed: ${error.message}`);
    else if (error instanceof StrangeZip)
      tell(run, zip, 'changed', undefined, 'a zip as Yarn writes it', error.message);
    else run.told.undecide(of, place, reasonOf(error));
  }
}

/** Of a patched package the lockfile records the checksum of the zip itself. */
function comparePatched(run: Run, zip: ZipToCompare): void {
  const { file, place, of, entry } = zip;
  run.counts.packages++;
  const checksum = patchedChecksum(entry)?.sha512;
  const bytes = readZip(file);
  if (checksum !== undefined && hash('sha512', bytes) === checksum) {
    run.told.permit('patched');
    notePackage(run, zip, bytes, new Set([...zipFiles(bytes)].map(({ path }) => path)));
  } else run.told.undecide(of, place, 'the package is patched, and the zip has not the checksum of the lockfile');
}

/** Of a git dependency, whose commit says what its files are. */
async function compareCommitted(run: Run, zip: ZipToCompare): Promise<void> {
  const { of, place } = zip;
  const bytes = readZip(zip.file);
  const manifest = fileInZip(bytes, `node_modules/${zip.name}/package.json`);
  const expected = await committedFiles(run, of, place, manifest && hash('sha256', manifest));
  if (expected !== undefined) compareEntries(run, zip, expected, bytes);
  else if (run.asFetched.has(zip.entry.id)) run.told.asFetched(of, place);
  else run.told.undecide(of, place, 'nothing approved says what its files are');
}

function compareEntries(run: Run, zip: ZipToCompare, expected: ExpectedFiles, bytes: Buffer = readZip(zip.file)): void {
  const folder = `node_modules/${zip.name}/`;
  const seen = new Set<string>();
  run.counts.packages++;
  for (const found of zipFiles(bytes)) {
    if (found.type === 'folder' && (`${found.path}/`.startsWith(folder) || folder.startsWith(`${found.path}/`)))
      continue;
    const file = found.path.startsWith(folder) ? found.path.slice(folder.length) : undefined;
    if (file === undefined || seen.has(file)) tell(run, zip, 'extra', found.path, undefined, found.type);
    else compareEntry(run, zip, file, found, expected.files.get(file));
    if (file !== undefined) seen.add(file);
  }
  for (const [file, { sha256 }] of expected.files) {
    if (seen.has(file)) continue;
    if (expected.isPartial) run.told.permit('left-out');
    else tell(run, zip, 'missing', file, `sha256:${sha256}`, undefined);
  }
  notePackage(run, zip, bytes, new Set([...seen].map((file) => `${folder}${file}`)));
}

/** What its scripts and programs are: what differs from the approved package was told, and then no script runs. */
function notePackage(run: Run, { place, name }: ZipToCompare, bytes: Buffer, paths: ReadonlySet<string>): void {
  const folder = `node_modules/${name}`;
  const isGyp = (file: string): boolean => file.toLowerCase() === `${folder.toLowerCase()}/binding.gyp`;
  const manifest = fileInZip(bytes, `${folder}/package.json`);
  const programs = manifest === undefined ? new Map<string, string>() : programsIn(manifest);
  run.pnp.read(place, { manifest, hasBindingGyp: [...paths].some(isGyp), programs });
}

function compareEntry(
  run: Run,
  zip: ZipToCompare,
  file: string,
  { type, sha256, executable }: ZipFile,
  expected: { readonly sha256: string; readonly executable: boolean } | undefined,
): void {
  if (expected === undefined) return tell(run, zip, 'extra', file, undefined, type === 'file' ? 'a file' : 'no file');
  run.counts.files++;
  if (sha256 !== expected.sha256) {
    return tell(
      run,
      zip,
      'changed',
      file,
      `sha256:${expected.sha256}`,
      sha256 === undefined ? 'no file' : `sha256:${sha256}`,
    );
  }
  if (executable && !expected.executable)
    tell(run, zip, 'changed', file, 'a file that cannot be run', 'a file that can be');
}

function readZip(file: string): Buffer {
  const handle = fs.openSync(file, READ_REGULAR);
  try {
    const { size } = fs.fstatSync(handle);
    if (!fs.fstatSync(handle).isFile() || size > MAX_ZIP)
      throw new StrangeZip('it is no file, or larger than zips are');
    const bytes = Buffer.allocUnsafe(size);
    return bytes.subarray(0, fs.readSync(handle, bytes, 0, size, 0));
  } finally {
    fs.closeSync(handle);
  }
}

function tell(
  run: Run,
  { of, place }: ZipToCompare,
  kind: 'extra' | 'missing' | 'changed',
  file: string | undefined,
  expected: string | undefined,
  found: string | undefined,
): void {
  run.told.differ(of, { kind, thing: 'file', place, file, expected, found });
}
