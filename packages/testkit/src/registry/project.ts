import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NpmLockfile, ProjectManifest } from './lockfile.ts';

export interface ProjectFiles {
  readonly project: ProjectManifest;
  readonly lockfile: NpmLockfile;
  /** Base URL of the registry, with a trailing slash. */
  readonly registry: string;
  readonly token: string | undefined;
}

/** Writes `package.json`, `package-lock.json` and an `.npmrc` that points to the registry. */
export async function writeProjectFiles(directory: string, files: ProjectFiles): Promise<void> {
  const { name, version } = files.lockfile;
  const manifest = { ...files.project, name, version, private: true };
  const host = files.registry.replace(/^https?:/, '');
  const token = files.token === undefined ? '' : `${host}:_authToken=${files.token}\n`;
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'package.json'), jsonText(manifest));
  await writeFile(path.join(directory, 'package-lock.json'), jsonText(files.lockfile));
  await writeFile(path.join(directory, '.npmrc'), `registry=${files.registry}\n${token}`);
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
