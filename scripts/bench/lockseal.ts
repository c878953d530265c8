import path from 'node:path';
import type { Contender } from './measure.ts';

/** Where a size is measured. */
export interface Setting {
  /** Folder of the world; its project has the lockfile. */
  readonly world: string;
  /** Folder for everything that is made on the way; also the home of every process. */
  readonly scratch: string;
  /** Base URL of the registry. */
  readonly url: string;
}

/** The program as it is published, which `npm run build` makes. */
export const PROGRAM: string = path.resolve(
  import.meta.dirname,
  '../../packages/cli/dist/package/dist/program/lockseal.cjs',
);
/** Where no proxy listens: TUF must not be asked, and must not be waited for. Node needs a third of its start to heed it. */
const NO_TUF = { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' };

interface Variant {
  readonly args?: readonly string[];
  /** File with the trusted root, from the folder of the world. */
  readonly root?: string;
  readonly prepare?: () => Promise<void>;
}

/** Makes `lockseal verify` in a project, with the world's trust and a cache of its own. */
export function inProject(setting: Setting, project: string) {
  return (name: string, cache: string, { args = [], root, prepare }: Variant): Contender => ({
    name,
    args: [PROGRAM, 'verify', '--registry', setting.url, '--cache', cache, ...trustOf(setting, root), ...args],
    cwd: project,
    env: { ...environmentOf(setting), ...(args.includes('--offline') ? {} : NO_TUF) },
    ...(prepare === undefined ? {} : { prepare }),
  });
}

export function trustOf({ world }: Setting, root = 'trusted_root.json'): string[] {
  return ['--trusted-root', path.resolve(world, root), '--registry-keys', path.join(world, 'keys.json')];
}

/** A home without any configuration. */
export function environmentOf({ scratch }: Setting): Record<string, string> {
  const nothing = { XDG_STATE_HOME: '', XDG_CACHE_HOME: '', LOCKSEAL_STATE_DIR: '', NO_COLOR: '1' };
  return { ...nothing, HOME: scratch, USERPROFILE: scratch };
}
