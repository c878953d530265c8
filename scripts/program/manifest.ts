import fs from 'node:fs';
import path from 'node:path';

type Table = Readonly<Record<string, string>>;
type Kind = 'dependencies' | 'optionalDependencies';

interface Manifest extends Readonly<Record<string, unknown>> {
  readonly version: string;
  readonly dependencies?: Table;
  readonly optionalDependencies?: Table;
}

/** How a library is declared by the package that imports it. */
export interface Specifier {
  readonly name: string;
  readonly kind: Kind;
  readonly range: string;
  /** Absolute folder of the package that declares it. */
  readonly folder: string;
}

/** @throws Error where no package declares a library, or two do so differently */
export function specifiersOf(libraries: readonly string[], packages: string): Specifier[] {
  const declared = fs.readdirSync(packages).flatMap((each) => declaredIn(path.join(packages, each)));
  return libraries.map((name) => {
    const [first, ...others] = declared.filter((each) => each.name === name);
    if (first === undefined) throw new Error(`no package declares ${name}`);
    if (others.some(({ range }) => range !== first.range)) throw new Error(`packages disagree about ${name}`);
    return first;
  });
}

function declaredIn(folder: string): Specifier[] {
  const file = path.join(folder, 'package.json');
  const manifest = readManifest(file);
  return (['dependencies', 'optionalDependencies'] as const).flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).map(([name, range]) => ({ name, kind, range, folder })),
  );
}

/** The package.json that users receive. */
export function publishedManifest(file: string, specifiers: readonly Specifier[]): object {
  const { name, version, description, license, engines } = readManifest(file);
  const tableOf = (kind: Kind): Table =>
    Object.fromEntries(specifiers.filter((each) => each.kind === kind).map((each) => [each.name, each.range]));
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    bin: { lockseal: 'dist/program/lockseal.cjs' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    man: 'man/lockseal.1',
    files: ['dist', 'man', 'THIRD-PARTY.md'],
    dependencies: tableOf('dependencies'),
    optionalDependencies: tableOf('optionalDependencies'),
    engines,
  };
}

function readManifest(file: string): Manifest {
  return JSON.parse(fs.readFileSync(file, 'utf8')) as Manifest;
}
