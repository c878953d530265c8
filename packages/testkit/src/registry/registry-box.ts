import { toRegistryKey, type RegistryKeyOptions, type RegistryKeyPair } from '../sigstore/registry-key.ts';
import type { SigstoreBox } from '../sigstore/sigstore-box.ts';
import { publishTree, type PublishManyOptions, type PublishedTree } from './publish-many.ts';
import { createShelf, type Published } from './published.ts';
import { publishPackage, type PublishOptions } from './publish.ts';
import { createRegistryView, type RegistryView } from './registry-view.ts';

export interface RegistryOptions {
  /** Signs provenance, and lists this registry's keys in its TUF repository. */
  readonly sigstore: SigstoreBox;
  /** false: a registry that signs nothing and has no keys, as many private ones. Default: true. */
  readonly signs?: boolean;
  /** The `registry` that publish attestations name. Default: `https://registry.npmjs.org`. */
  readonly registry?: string;
  /** The bearer token that every request must carry. Default: none. */
  readonly token?: string;
}

/** An npm registry that packs, signs and attests what is published. */
export interface RegistryBox extends RegistryView {
  /** In order of creation; the last one signs. Empty for a registry that signs nothing. */
  readonly keys: readonly RegistryKeyPair[];
  /** Makes a new key that signs from now on. */
  addKey(options?: RegistryKeyOptions): RegistryKeyPair;
  /** Publishes a version; the same name and version again replaces it. */
  publish(options: PublishOptions): Published;
  /** Publishes a tree of `count` packages with all evidence. */
  publishMany(count: number, options?: PublishManyOptions): PublishedTree;
}

export function createRegistry(options: RegistryOptions): RegistryBox {
  const { sigstore, registry = 'https://registry.npmjs.org' } = options;
  const shelf = createShelf();
  const keys: RegistryKeyPair[] = [];
  const addKey = (keyOptions?: RegistryKeyOptions): RegistryKeyPair => {
    const key = sigstore.addRegistryKey(keyOptions);
    keys.push(key);
    return key;
  };
  if (options.signs !== false) addKey();
  const publish = (asked: PublishOptions): Published => {
    const published = publishPackage({ sigstore, registry, key: keys.at(-1) }, asked);
    shelf.put(published);
    return published;
  };
  const view = createRegistryView(shelf, () => keys.map((key) => toRegistryKey(key)));
  if (options.token !== undefined) view.requireToken(options.token);
  return { ...view, keys, addKey, publish, publishMany: (count, many) => publishTree(publish, count, many) };
}
