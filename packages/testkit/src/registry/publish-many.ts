import type { Published } from './published.ts';
import type { Dependencies, Evidence, PublishOptions } from './publish.ts';

export interface PublishManyOptions {
  /** Names are `<prefix>-0`, `<prefix>-1`… Default: `package`. */
  readonly prefix?: string;
  /** How many dependencies a package has. Default: 3. */
  readonly fanOut?: number;
  /** Bytes of filler in each tarball. Default: 256. */
  readonly fileBytes?: number;
  readonly evidence?: Evidence;
  readonly publishedAt?: Date;
}

export interface PublishedTree {
  /** What a project depends on to reach every package. */
  readonly dependencies: Dependencies;
  readonly packages: readonly Published[];
}

/** A tree in which package i depends on the packages `fanOut * i + 1` to `fanOut * i + fanOut`; each has one version. */
export function publishTree(
  publish: (options: PublishOptions) => Published,
  count: number,
  options: PublishManyOptions = {},
): PublishedTree {
  const { prefix = 'package', fanOut = 3, fileBytes = 256 } = options;
  const nameOf = (index: number): string => `${prefix}-${index}`;
  const versionOf = (index: number): string => `1.${index % 10}.0`;
  const packages = Array.from({ length: count }, (_, index) => {
    const children = Array.from({ length: fanOut }, (_child, child) => fanOut * index + child + 1).filter(
      (child) => child < count,
    );
    return publish({
      name: nameOf(index),
      version: versionOf(index),
      dependencies: Object.fromEntries(children.map((child) => [nameOf(child), `^${versionOf(child)}`])),
      files: { 'index.js': filler(nameOf(index), fileBytes) },
      ...(options.evidence === undefined ? {} : { evidence: options.evidence }),
      ...(options.publishedAt === undefined ? {} : { publishedAt: options.publishedAt }),
    });
  });
  return { packages, dependencies: count === 0 ? {} : { [nameOf(0)]: `^${versionOf(0)}` } };
}

function filler(name: string, bytes: number): string {
  const line = `// ${name}\n`;
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes);
}
