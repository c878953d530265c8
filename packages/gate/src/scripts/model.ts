import type { EntryId, InstallScripts } from '@lockseal/core';
import type { FoundScripts } from './read-scripts.ts';

/** A folder that holds an installed package. */
export interface InstalledFolder {
  readonly entry: EntryId;
  /** Absolute, with no symbolic link on the way. */
  readonly directory: string;
  /**
   * Programs of what it depends on, where no `.bin` folder around it leads to them (Yarn without its node-modules linker):
   * name -> absolute path of a file that Node runs.
   */
  readonly programs?: ReadonlyMap<string, string> | undefined;
  /** Under Plug'n'Play, where no module is looked up in folders: what its scripts need to find theirs. */
  readonly pnp?: PnpSurroundings | undefined;
}

/** What a package finds by Yarn's map. All paths are absolute. */
interface PnpSurroundings {
  /** `.pnp.cjs`, which was compared: every Node that a script starts loads it first. */
  readonly map: string;
  /** Zips and unpacked folders of all packages that it depends on, by whatever way. */
  readonly readable: readonly string[];
}

/** A package that Yarn left in a zip, where no script can write. */
export interface ZippedFolder {
  readonly entry: EntryId;
  /** Absolute: of the zip. */
  readonly file: string;
  readonly found: FoundScripts;
}

/** What the policy permits of one package's install scripts; as `permittedScripts` of the policy tells it. */
export interface ScriptPermit {
  /** Lower-case hex sha256 of all its install scripts; undefined where a commit is named instead. */
  readonly sha256: string | undefined;
  /** Of a git dependency. */
  readonly commit: string | undefined;
  /** `host` (of https) or `host:port`. */
  readonly network: readonly string[];
  /** Below the package's folder; undefined: all of it. */
  readonly outputs: readonly string[] | undefined;
  /** Names of variables. */
  readonly env: readonly string[];
  /** Seconds, for each script. */
  readonly timeout: number;
  /** Bytes. */
  readonly memory: number;
}

/** One script: `event` is the name under which npm runs it, `text` what the shell gets. */
export interface ScriptStep {
  /** As evidence names it: `preinstall`, `install`, `postinstall`, or `binding.gyp` for what npm adds by itself. */
  readonly name: string;
  readonly event: 'preinstall' | 'install' | 'postinstall';
  /** Untrusted text. */
  readonly text: string;
}

/** An installed package that has install scripts. */
export interface ScriptedPackage extends InstalledFolder {
  /** The real name, never an alias. */
  readonly name: string;
  readonly version: string | undefined;
  /** Full commit id of a git dependency. */
  readonly commit: string | undefined;
  /** From an importer to the package, as findings have it. */
  readonly path: readonly string[] | undefined;
  /** Whether the project can do without it. */
  readonly isOptional: boolean;
  readonly scripts: InstallScripts;
  /** In the order in which npm runs them. */
  readonly steps: readonly ScriptStep[];
}

export interface ApprovedScripts extends ScriptedPackage {
  readonly permit: ScriptPermit;
}

export interface HeldScripts extends ScriptedPackage {
  /**
   * `unlisted`: the policy lists no scripts of this package. `changed`: it lists others. `prepare`: a git dependency,
   * whose preparation needs its development dependencies; nobody runs that here, approved or not. `zipped`: the policy
   * lists them, and they have nowhere to write to.
   */
  readonly why: 'unlisted' | 'changed' | 'prepare' | 'zipped';
}

/** What would run after an install, and what would not. */
export interface ScriptPlan {
  /** Dependencies before dependents. */
  readonly approved: readonly ApprovedScripts[];
  readonly held: readonly HeldScripts[];
}

/** How the scripts of one package ended. */
export type ScriptResult =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly reason: string }
  /** A package before it failed, and the run ended there. */
  | { readonly status: 'skipped' };

export interface ScriptOutcome {
  readonly package: ApprovedScripts;
  readonly result: ScriptResult;
  /** Absolute folders whose files may differ from the approved tarball from now on; packages below them may not. */
  readonly writable: readonly string[];
  /** Hosts that it asked for and was not let through to. Untrusted text, bounded. */
  readonly refusedHosts: readonly string[];
  /** Limits that this machine could not set, in words. */
  readonly unset: readonly string[];
}
