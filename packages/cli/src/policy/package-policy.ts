import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isPackageName, JsonNode, parseStrictJson, ShapeError } from '@lockseal/core';
import type { ReadRefusal } from '@lockseal/policy';

const MAX_BYTES = 1024 * 1024;
const MAX_TEXT = 4096;
const DATA_FILE = /\.(?:ya?ml|json)$/;
/** Names under which a package may export its policy. */
const EXPORTS = ['./lockseal.yaml', './lockseal.json'] as const;

/** `@acme/policy` is a package; what ends like a file, or has further slashes, is a path. */
export function isPackageReference(reference: string): boolean {
  return isPackageName(reference) && !DATA_FILE.test(reference);
}

/**
 * The data file that an installed package names as its policy: `lockseal` in its package.json, else the export
 * `./lockseal.yaml` or `./lockseal.json`. The package is found as Node finds it, in the `node_modules` of the folder and of
 * those above it; its code is never run.
 * @param directory of the file that extends the package
 * @returns the path as found, links not followed; undefined: no such package is installed
 */
export async function findPackagePolicy(
  name: string,
  directory: string,
): Promise<{ readonly file: string } | ReadRefusal | undefined> {
  const folder = await findPackage(name, await realpath(directory));
  if (folder === undefined) return undefined;
  const named = await namedPolicy(path.join(folder, 'package.json'));
  if (named === undefined || !DATA_FILE.test(named)) return refuse('names no policy as its `lockseal`');
  const file = path.resolve(folder, named);
  const [real, root] = await Promise.all([realpath(file).catch(() => undefined), realpath(folder)]);
  if (real === undefined) return refuse(`names a policy that is not there (${named})`);
  if (!real.startsWith(root + path.sep)) return refuse(`names a policy outside of itself (${named})`);
  return { file };
}

async function findPackage(name: string, directory: string): Promise<string | undefined> {
  for (let current = directory; ; current = path.dirname(current)) {
    const folder = path.join(current, 'node_modules', name);
    const found = await stat(path.join(folder, 'package.json')).catch(() => undefined);
    if (found?.isFile() === true) return folder;
    if (path.dirname(current) === current) return undefined;
  }
}

/** undefined: none, or a package.json that cannot be read, which no installed package has. */
async function namedPolicy(file: string): Promise<string | undefined> {
  const { size } = await stat(file);
  if (size > MAX_BYTES) return undefined;
  try {
    const manifest = new JsonNode(parseStrictJson(await readFile(file)), '');
    return manifest.optional('lockseal')?.text(MAX_TEXT) ?? exportedPolicy(manifest.optional('exports'));
  } catch (thrown) {
    if (thrown instanceof ShapeError || thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** Conditions choose between pieces of code; of data only `default` has a meaning. */
function exportedPolicy(exports: JsonNode | undefined): string | undefined {
  if (exports === undefined || typeof exports.value !== 'object') return undefined;
  const [node] = EXPORTS.flatMap((name) => exports.optional(name) ?? []);
  if (node === undefined || typeof node.value === 'string') return node?.text(MAX_TEXT);
  return node.optional('default')?.text(MAX_TEXT);
}

function refuse(problem: string): ReadRefusal {
  return { refused: `is a package that ${problem}`, hint: 'Name a file of it by its path, or mend the package.' };
}
