import path from 'node:path';

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

/**
 * A source map whose sources are named from the repository's root, or as `node_modules/<library>/<file>`. Our own
 * sources are inside, since they are not published; those of libraries are left out, being in the bundle as they are.
 */
export function withPublishedSources(map: string, file: string, root: string): string {
  const parsed = JSON.parse(map) as SourceMap;
  const names = parsed.sources.map((source) => nameOf(path.relative(root, path.resolve(path.dirname(file), source))));
  const contents = parsed.sourcesContent?.map((text, index) => (isLibrary(names[index] ?? '') ? null : text));
  return JSON.stringify({ ...parsed, sources: names, sourcesContent: contents });
}

function nameOf(relative: string): string {
  return relative.replaceAll(path.sep, '/').replace(/^.*(?=node_modules\/)/, '');
}

function isLibrary(name: string): boolean {
  return name.startsWith('node_modules/');
}
