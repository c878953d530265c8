import path from 'node:path';

/** A folder that must be one approved package. */
export interface PackageFolder {
  readonly place: string;
  /** The name under which it is imported; undefined where the folder is called otherwise (Yarn's pnpm linker). */
  readonly name: string | undefined;
}

/** What a name in a `node_modules` folder leads to. */
export type LayoutNode =
  | { readonly type: 'package'; readonly place: string }
  /** Comes with the tarball of the package that lies at `owner`. */
  | { readonly type: 'bundled'; readonly place: string; readonly owner: string }
  /** `to`: a place below the root; undefined: it leads outside. */
  | { readonly type: 'link'; readonly place: string; readonly name: string; readonly to: string | undefined }
  /** Something that nobody has approved, and that is told of. */
  | { readonly type: 'unknown'; readonly place: string };

/** Something in a `.bin` folder. */
export interface ProgramLink {
  readonly place: string;
  readonly name: string;
  readonly type: 'link' | 'script';
}

const MAX_LINKS = 16;

/** Everything that was found where packages are looked up. */
export class Layout {
  readonly #nodes = new Map<string, LayoutNode>();
  readonly programs: ProgramLink[] = [];

  add(node: LayoutNode): void {
    this.#nodes.set(node.place, node);
  }

  at(place: string): LayoutNode | undefined {
    return this.#nodes.get(place);
  }

  *links(): Generator<Extract<LayoutNode, { type: 'link' }>> {
    for (const node of this.#nodes.values()) if (node.type === 'link') yield node;
  }

  /** The place with all links on the way followed, in memory; undefined: it leads outside, or in circles. */
  realPlace(place: string): string | undefined {
    let at: string | undefined = place;
    for (let hops = 0; hops < MAX_LINKS && at !== undefined; hops++) {
      const link: string | undefined = prefixesOf(at).find((prefix) => this.#nodes.get(prefix)?.type === 'link');
      if (link === undefined) return at;
      const node = this.#nodes.get(link);
      const to: string | undefined = node?.type === 'link' ? node.to : undefined;
      at = to === undefined ? undefined : join(to, at.slice(link.length + 1));
    }
    return undefined;
  }

  /** The package, bundled package or unknown thing whose folder holds the place, however deep. */
  holder(place: string): LayoutNode | undefined {
    return prefixesOf(place)
      .toReversed()
      .map((prefix) => this.#nodes.get(prefix))
      .find((node) => node !== undefined);
  }

  /**
   * What `name` is to a module in the folder, as Node looks it up: in the `node_modules` of that folder and of each one
   * above it, up to the root.
   */
  lookUp(folder: string, name: string): LayoutNode | undefined {
    for (let at = folder; ; at = parentOf(at)) {
      if (path.posix.basename(at) !== 'node_modules') {
        const node = this.#nodes.get(join(at, 'node_modules', name));
        if (node !== undefined) return node;
      }
      if (at === '') return undefined;
    }
  }
}

/** Joins places; '' is the root. */
export function join(...parts: readonly string[]): string {
  let joined = '';
  for (const part of parts) joined = joined === '' || part === '' ? joined + part : `${joined}/${part}`;
  return joined;
}

/** `a`, `a/b`, `a/b/c`. */
export function prefixesOf(place: string): string[] {
  const parts = place.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The place above; '' above the first. */
export function parentOf(place: string): string {
  const end = place.lastIndexOf('/');
  return end < 0 ? '' : place.slice(0, end);
}

/**
 * Where a link's text leads, read from the place of the link; undefined: outside of the root, or by a way that only the
 * file system can tell, since it goes up from something that may be a link itself.
 */
export function targetOf(place: string, text: string, root: string): string | undefined {
  if (/(?:^|\/)(?!\.\.?\/)[^/]+\/+(?:\.\/+)*\.\.(?:\/|$)/.test(text)) return undefined;
  const target = path.isAbsolute(text) ? path.relative(root, text) : path.join(...parentOf(place).split('/'), text);
  const posix = path.posix.normalize(target.split(path.sep).join('/')).replace(/\/$/, '');
  if (path.isAbsolute(target) || posix === '..' || posix.startsWith('../')) return undefined;
  return posix === '.' ? '' : posix;
}
