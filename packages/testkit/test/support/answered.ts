import type { BundleJson } from '@lockseal/testkit';

/** The members of registry answers that tests look at; which of them are there depends on the route. */
export interface Answered {
  readonly version: string;
  readonly versions: Readonly<Record<string, Answered>>;
  readonly 'dist-tags': Readonly<Record<string, string>>;
  readonly time: Readonly<Record<string, string>>;
  readonly scripts?: unknown;
  readonly dependencies?: unknown;
  readonly license?: unknown;
  readonly hasInstallScript?: boolean;
  readonly dist: {
    readonly integrity: string;
    readonly shasum: string;
    readonly tarball: string;
    readonly signatures?: unknown;
    readonly attestations?: { readonly url: string; readonly provenance: { readonly predicateType: string } };
  };
  readonly attestations: readonly { readonly predicateType: string; readonly bundle: BundleJson }[];
  readonly keys: readonly { readonly keyid: string }[];
}
