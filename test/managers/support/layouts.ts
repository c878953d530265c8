// The ways in which each package manager arranges what it installs.
import fs from 'node:fs';
import path from 'node:path';
import { MANAGERS, type Family, type Manager } from './managers.ts';
import type { Files } from './run-manager.ts';
import type { World } from './world.ts';

export interface Layout {
  readonly name: string;
  /** The project's files, changed so that the manager chooses this layout. */
  files(files: Files): Files;
  /** Further arguments of the frozen install. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What the arguments leave out. */
  readonly omitted: ReadonlySet<'dev' | 'optional' | 'peer'>;
  /** The file that holds the program of `leaf`. */
  leaf(project: string, world: World): string;
}

/** Families of which it is not known how they arrange packages. */
export const OMITTED: ReadonlySet<Family> = new Set<Family>(['deno', 'vlt']);

const PLAIN: Layout = {
  name: 'as it does by itself',
  files: (files) => files,
  args: [],
  env: {},
  omitted: new Set(),
  leaf: (project) => findFile(project, /(?:^|\/)leaf(?:-npm[^/]*\/package)?\/index\.js$/),
};

const without = (args: readonly string[]): Layout => ({
  ...PLAIN,
  name: 'without dev dependencies',
  args,
  omitted: new Set(['dev']),
});

const replacing = (name: string, file: string, from: RegExp, to: string): Layout => ({
  ...PLAIN,
  name,
  files: (files) => ({ ...files, [file]: (files[file] ?? '').replace(from, to) }),
});

const PATCH = `diff --git a/index.js b/index.js
index 1111111..2222222 100644
--- a/index.js
+++ b/index.js
@@ -1 +1,2 @@
-module.exports = "leaf";
+module.exports = "patched";
+// by the project
diff --git a/new.js b/new.js
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/new.js
@@ -0,0 +1 @@
+new
`;

/** The project patches `leaf`, and says so as each manager wants it said. */
function patched(family: Family): Layout {
  const file = 'patches/leaf.patch';
  const yarn = { 'leaf@npm:^1.0.0': `patch:leaf@npm%3A1.0.0#./${file}` };
  return {
    ...PLAIN,
    name: 'patched',
    files: (files) => {
      const manifest = JSON.parse(files['package.json'] ?? '{}') as { readonly resolutions?: object };
      const declared =
        family === 'yarn-berry'
          ? { resolutions: { ...manifest.resolutions, ...yarn } }
          : { patchedDependencies: { 'leaf@1.0.0': file } };
      const workspace = `${files['pnpm-workspace.yaml'] ?? ''}patchedDependencies:\n  leaf@1.0.0: ${file}\n`;
      return {
        ...files,
        [file]: PATCH,
        ...(family === 'pnpm'
          ? { 'pnpm-workspace.yaml': workspace }
          : { 'package.json': JSON.stringify({ ...manifest, ...declared }) }),
      };
    },
  };
}

/** Every manager as it does by itself; its other layouts with the newest version that the matrix has. */
export function layoutsOf(manager: Manager): readonly Layout[] {
  const newest = MANAGERS.findLast(({ family }) => family === manager.family)?.version;
  const [first, ...others] = allLayouts(manager.family, manager.major);
  return first === undefined ? [] : manager.version === newest ? [first, ...others] : [first];
}

function allLayouts(family: Family, major: number): readonly Layout[] {
  switch (family) {
    case 'npm':
      return [
        PLAIN,
        without(['--omit=dev']),
        { ...PLAIN, name: 'linked', args: ['--install-strategy=linked'] },
        patched(family),
      ];
    case 'pnpm':
      return [PLAIN, without(['--prod']), hoistedByPnpm(major), patched(family)];
    case 'yarn-classic':
      return [PLAIN, without(['--production'])];
    case 'yarn-berry':
      return [
        PLAIN,
        replacing('pnpm linker', '.yarnrc.yml', /node-modules/, 'pnpm'),
        { ...replacing("Plug'n'Play", '.yarnrc.yml', /node-modules/, 'pnp'), leaf: zipOfLeaf },
        patched(family),
      ];
    case 'bun':
      return [
        { ...PLAIN, name: 'hoisted', args: ['--linker=hoisted'] },
        { ...PLAIN, name: 'isolated', args: ['--linker=isolated'] },
        without(['--production']),
        patched(family),
      ];
    case 'deno':
    case 'vlt':
      return [];
  }
}

function hoistedByPnpm(major: number): Layout {
  return major < 11
    ? replacing('hoisted', '.npmrc', /$/, 'node-linker=hoisted\n')
    : replacing('hoisted', 'pnpm-workspace.yaml', /$/, 'nodeLinker: hoisted\n');
}

/** In the cache beside the project, as its map names it: other runs have caches there, too. */
function zipOfLeaf(project: string): string {
  const map = fs.readFileSync(path.join(project, '.pnp.cjs'), 'utf8');
  const [, zip] = /"packageLocation": "([^"]*\/leaf-npm-[^"/]*\.zip)\//.exec(map) ?? [];
  if (zip === undefined) throw new Error('the map names no zip of leaf');
  return path.join(project, zip);
}

function findFile(folder: string, name: RegExp): string {
  for (const file of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const target = path.join(folder, file);
    if (name.test(file.split(path.sep).join('/')) && fs.lstatSync(target).isFile()) return target;
  }
  throw new Error(`nothing in ${folder} is called like ${name.source}`);
}
