import fs from 'node:fs';
import path from 'node:path';

/** A library whose code is part of the program. */
interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Its licence and notices, as its author words them. */
  readonly texts: readonly string[];
}

/** Some libraries under the licence that lockseal has, too, leave out its text. */
const OWN_LICENCE = 'Apache-2.0';
const OWN_LICENCE_TEXT = 'Licensed under the Apache License, Version 2.0, as in the file LICENSE.';
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** The libraries that modules belong to, by name and version. @throws Error where one has no licence text */
export function packagesOf(modules: readonly string[]): Bundled[] {
  const folders = new Set(modules.flatMap((file) => folderOf(file) ?? []));
  return [...folders].map(read).sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** The folder of the library that a file belongs to; undefined for our own. */
function folderOf(file: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
}

function read(folder: string): Bundled {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as Omit<Bundled, 'texts'>;
  const files = fs.readdirSync(folder).filter((name) => LICENCE_FILE.test(name));
  const texts = files.map((name) => fs.readFileSync(path.join(folder, name), 'utf8').trim());
  if (texts.length === 0 && manifest.license !== OWN_LICENCE) throw new Error(`${manifest.name} has no licence text`);
  const { name, version, license } = manifest;
  return { name, version, license, texts: texts.length === 0 ? [OWN_LICENCE_TEXT] : texts };
}

/** Markdown with each licence text once. */
export function noticeOf(bundled: readonly Bundled[]): string {
  const users = new Map<string, string[]>();
  for (const { name, version, license, texts } of bundled) {
    for (const text of texts) users.set(text, [...(users.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const sections = [...users].map(([text, names]) => `## ${names.join(', ')}\n\n${text.replace(/^/gm, '    ')}\n`);
  return ['# Third-party code', 'The files in `dist/program` contain code of these libraries.', ...sections].join(
    '\n\n',
  );
}
