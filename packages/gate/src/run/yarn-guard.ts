import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A plugin of Yarn 2 and later. Yarn packs a git dependency in a clone of it, by a Yarn of its own, and no setting keeps that one
 * from `prepack`, `postpack`, and where there is one of these from installing, `postinstall` included; it would also start the
 * program that `yarnPath` of the clone names, and load its `plugins`. Every Yarn of the run loads this one first, by a variable.
 * In the clone no manifest has scripts, nothing is installed, and nothing but packing goes on; what is packed stays as it was.
 * Fails closed: where Yarn lacks what is changed here, it ends with an error.
 */
const GUARD = String.raw`'use strict';
const { readFileSync } = require('node:fs');
const path = require('node:path');
const folder = process.cwd();
const silenced = new WeakSet();

function refuse(why) {
  throw new Error('lockseal runs nothing of a git dependency, and ' + why);
}

function settingsIn(directory) {
  try {
    return readFileSync(path.join(directory, '.yarnrc.yml'), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

function checkSettings(directory) {
  // A backslash could write the word in another way.
  if (/plugins|\\/.test(settingsIn(directory))) refuse('its .yarnrc.yml names plugins');
  if (directory !== path.dirname(directory)) checkSettings(path.dirname(directory));
}

function silence({ Manifest, Project }) {
  if (silenced.has(Manifest)) return;
  silenced.add(Manifest);
  const { load } = Manifest.prototype;
  Manifest.prototype.load = function (...args) {
    load.apply(this, args);
    this.scripts.clear();
  };
  Project.prototype.install = async () => refuse('installs nothing for it');
}

module.exports = {
  name: 'plugin-lockseal',
  factory: (modules) => {
    // For those that it starts: itself it has followed yarnPath already.
    process.env.YARN_IGNORE_PATH = 'true';
    if (folder === PROJECT) return {};
    if (!process.argv.includes('pack')) refuse('lets Yarn pack it only: Yarn wanted "' + process.argv.slice(2).join(' ') + '"');
    checkSettings(folder);
    silence(modules('@yarnpkg/core'));
    return {};
  },
};
`;

/**
 * Writes the plugin, for one run.
 * @param directory absolute path of the run's folder
 * @param project absolute path of the folder in which Yarn is started, with no link on the way
 * @returns its absolute path
 */
export async function writeYarnGuard(directory: string, project: string): Promise<string> {
  const file = path.join(directory, 'yarn-guard.cjs');
  await writeFile(
    file,
    GUARD.replace('PROJECT', () => JSON.stringify(project)),
    { mode: 0o600 },
  );
  return file;
}
