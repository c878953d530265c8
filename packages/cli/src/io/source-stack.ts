import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';

/** A place in a file of the bundled program, as V8 writes it. */
const PLACE = /([\w-]+\.cjs):(\d+):(\d+)/g;

/**
 * A stack trace with the lines of the sources in place of those of the bundled program, by the source maps that lie
 * beside it. Node would read every map at every start; this reads those of one stack, when something is wrong.
 * @param directory where the bundled program is
 */
export function sourceStack(stack: string, directory: string = import.meta.dirname): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replaceAll(`${directory}${path.sep}`, '').replace(PLACE, (place, file: string, line, column) => {
    if (!maps.has(file)) maps.set(file, readMap(path.join(directory, `${file}.map`)));
    const origin = maps.get(file)?.findOrigin(Number(line), Number(column));
    return origin !== undefined && 'fileName' in origin
      ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`
      : place;
  });
}

function readMap(file: string): SourceMap | undefined {
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload) : undefined;
}
