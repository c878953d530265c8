import { hash } from 'node:crypto';
import path from 'node:path/posix';
import { JsonNode, parseStrictJson, ShapeError } from '@lockseal/core';

/** One package of Yarn's map. */
export interface PnpPackage {
  /** `name@reference`, as entries of the lockfile are called, without what makes it virtual; undefined: the root. */
  readonly id: string | undefined;
  readonly isVirtual: boolean;
  /** As Yarn opens it: POSIX, from the map's folder, with virtual folders resolved. */
  readonly location: string;
  /** Name -> id of what it finds under it; undefined: nothing. */
  readonly dependencies: ReadonlyMap<string, string | undefined>;
}

/** What a `.pnp.cjs` holds beside its program. */
export interface PnpMap {
  readonly packages: readonly PnpPackage[];
  /** Name -> id of what every package finds that does not declare it. */
  readonly fallbacks: ReadonlyMap<string, string | undefined>;
  /** Lower-case hex sha256 of the file without the map: the program that Yarn's version writes. */
  readonly program: string;
}

const START = "const RAW_RUNTIME_STATE =\n'";
/** The rest of a string with the escapes that Yarn writes; one with others would say something else to JavaScript. */
const REST = /^[^'\\]*(?:\\[\n\\'][^'\\]*)*';\n/;
/** `.yarn/__virtual__/<any>/<depth>/<rest>`: the rest, seen from as many folders above `.yarn`. */
const VIRTUAL = /^(.*?)(?:\$\$virtual|__virtual__)\/[^/]+\/(\d{1,3})\/(.*)$/;
const MAX_PACKAGES = 500_000;
const MAX_TEXT = 4096;

/** undefined: the file has no map in the form in which Yarn 4 writes it. */
export function readPnpMap(text: string): PnpMap | undefined {
  const start = text.indexOf(START);
  if (start < 0) return undefined;
  const literal = REST.exec(text.slice(start + START.length))?.[0];
  if (literal === undefined) return undefined;
  const end = start + START.length + literal.length;
  try {
    const json = literal.slice(0, -"';\n".length).replaceAll(/\\(?:\n|(.))/g, '$1');
    const root = new JsonNode(parseStrictJson(Buffer.from(json)), '');
    return {
      packages: [...packagesOf(root)],
      fallbacks: dependenciesOf(root.member('fallbackPool')),
      program: hash('sha256', text.slice(0, start) + text.slice(end)),
    };
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function* packagesOf(root: JsonNode): Generator<PnpPackage> {
  for (const byName of root.member('packageRegistryData').list(MAX_PACKAGES)) {
    const [name, versions] = pairOf(byName);
    for (const version of versions.list(MAX_PACKAGES)) {
      const [reference, data] = pairOf(version);
      const text = reference.value === null ? '' : reference.text(MAX_TEXT);
      yield {
        id: name.value === null ? undefined : idOf(name.text(MAX_TEXT), text),
        isVirtual: text.startsWith('virtual:'),
        location: realLocation(data.member('packageLocation').text(MAX_TEXT)),
        dependencies: dependenciesOf(data.member('packageDependencies')),
      };
    }
  }
}

function dependenciesOf(list: JsonNode): ReadonlyMap<string, string | undefined> {
  return new Map(
    list.list(MAX_PACKAGES).map((dependency) => {
      const [name, target] = pairOf(dependency);
      return [name.text(MAX_TEXT), targetOf(name.text(MAX_TEXT), target)];
    }),
  );
}

/** A reference, a name and a reference where it is an alias, or null. */
function targetOf(name: string, target: JsonNode): string | undefined {
  if (target.value === null) return undefined;
  if (typeof target.value === 'string') return idOf(name, target.text(MAX_TEXT));
  const [real, reference] = pairOf(target);
  return idOf(real.text(MAX_TEXT), reference.text(MAX_TEXT));
}

function pairOf(node: JsonNode): readonly [JsonNode, JsonNode] {
  const [first, second, ...rest] = node.list(2);
  if (first === undefined || second === undefined || rest.length > 0) throw new ShapeError(node.path, 'is no pair');
  return [first, second];
}

/** A virtual package is another one as some dependent sees it. */
function idOf(name: string, reference: string): string {
  return `${name}@${reference.replace(/^virtual:[0-9a-f]+#/, '')}`;
}

function realLocation(location: string): string {
  const [, before, depth, rest] = VIRTUAL.exec(location) ?? [];
  if (before === undefined || depth === undefined || rest === undefined) return path.normalize(location);
  return path.join(before, '../'.repeat(Number(depth)), rest);
}
