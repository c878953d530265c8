import { decode, parseIdent, parseReference } from './locator.ts';

/** Which entry answers a dependency, as Yarn itself looks it up. */
export class Descriptors {
  readonly #entries: ReadonlyMap<string, string>;
  /** descriptor -> the entry that is the same package with Yarn's own compatibility patch. */
  readonly #builtins: ReadonlyMap<string, string>;

  /** @param entries descriptor as recorded -> id of its entry */
  constructor(entries: ReadonlyMap<string, string>) {
    this.#entries = entries;
    this.#builtins = builtinPatches(entries);
  }

  /**
   * The entry for a dependency of the entry `owner`. Yarn 2 and 3 leave out `npm:` in dependencies, relative
   * protocols are bound to their owner, and some packages (fsevents, resolve, typescript) are always exchanged for
   * their patched form. undefined: nothing answers, which only `resolutions` of the project can explain.
   */
  resolve(name: string, spec: string, owner: string): string | undefined {
    const plain = `${name}@${spec}`;
    return (
      this.#find(plain) ??
      this.#find(`${name}@npm:${spec}`) ??
      this.#find(`${plain}::locator=${encodeURIComponent(owner)}`)
    );
  }

  #find(descriptor: string): string | undefined {
    return this.#builtins.get(descriptor) ?? this.#entries.get(descriptor);
  }
}

/** Yarn's own patches, in the spellings of its versions; a file whose name only begins so is none. */
const BUILTIN = /^(?:optional!)?~?builtin<compat\/[^<>]*>$/;

function builtinPatches(entries: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const builtins = new Map<string, string>();
  for (const [descriptor, id] of entries) {
    if (!descriptor.includes('builtin<compat/')) continue;
    const { protocol, selector, fragment } = parseReference(parseIdent(descriptor)?.reference ?? '');
    const isBuiltin = protocol === 'patch' && BUILTIN.test(fragment ?? '');
    const inner = isBuiltin ? parseIdent(decode(selector) ?? '') : undefined;
    if (inner === undefined) continue;
    const range = inner.reference.replace(/^npm:/, '');
    builtins.set(`${inner.name}@npm:${range}`, id);
  }
  return builtins;
}
