import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { scriptEnvironment } from '../environment.ts';
import type { ApprovedScripts } from '../model.ts';
import { openBridge, type Bridge, type UpstreamProxy } from './bridge.ts';
import { bubblewrapArguments, HOME, type Visible } from './bubblewrap.ts';
import { BRIDGE_SOCKET, FORWARDER, PROXY_PORT } from './forwarder.ts';
import { limitSetter, type Limits } from './limits.ts';
import type { Sandbox } from './open.ts';
import { seatbeltProfile } from './seatbelt.ts';
import { launcherText, quote } from './shell.ts';
import {
  etcFiles,
  headersOf,
  linksOf,
  maskedFolders,
  nestedPackages,
  readableFiles,
  writableParts,
} from './visible.ts';

/** What is the same for all scripts of a run. */
export interface Surroundings {
  /** Root of the project: absolute, with no symbolic link on the way. */
  readonly root: string;
  /** Files and folders beside the project's own node_modules that scripts may read; absolute. */
  readonly readable: readonly string[];
  /** The caller's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a folder for temporary files, which somebody removes even after a run that was killed. */
  readonly temporary: string;
  /** The Node that runs scripts: absolute path. */
  readonly node: string;
  /** The gate's proxy; undefined: no script reaches anything. */
  readonly proxy: UpstreamProxy | undefined;
  /** PEM of all authorities to trust, the gate's own among them: absolute path. */
  readonly certificates: string | undefined;
}

/** How to run one package's scripts; `close` when they have ended. */
export interface Launch {
  /** Stands where npm expects a shell. */
  readonly shell: string;
  readonly env: Record<string, string | undefined>;
  /** Folders of programs that are found before all others: absolute. */
  readonly programs: readonly string[];
  readonly bridge: Bridge | undefined;
  /** What cannot be limited here, in words. */
  readonly unset: readonly string[];
}

export interface LaunchInput {
  readonly scripted: ApprovedScripts;
  readonly limits: Limits;
  /** Absolute folders, which exist. */
  readonly writable: readonly string[];
  /** Private folder for the run. */
  readonly directory: string;
}

/** Writes what starts a package's scripts inside the sandbox, and opens their way out, where they have one. */
export async function prepareLaunch(sandbox: Sandbox, input: LaunchInput, surroundings: Surroundings): Promise<Launch> {
  const { scripted, limits, directory } = input;
  const bridge = await openWayOut(sandbox, input, surroundings);
  const setter = limitSetter(limits, sandbox.prlimit);
  const isBubblewrap = sandbox.kind === 'bubblewrap';
  const [home, temporary] = isBubblewrap ? [HOME, '/tmp'] : await privateFolders(directory);
  const programs = await writePrograms(scripted, directory, surroundings);
  const command = await commandFor(sandbox, { ...input, private: [home, temporary], programs, bridge }, surroundings);
  const shell = path.join(directory, 'shell');
  await writeFile(
    shell,
    launcherText(
      [...command, ...setter.command, ...forward(isBubblewrap, bridge, surroundings)],
      [...setter.shell, nodeFirst(surroundings)],
    ),
    { mode: 0o700 },
  );
  const port = isBubblewrap ? PROXY_PORT : bridge?.port;
  const env = scriptEnvironment(
    scripted,
    {
      ...surroundings,
      home,
      temporary,
      nodeDirectory: await headersOf(surroundings.node),
      proxy: bridge === undefined ? undefined : `http://127.0.0.1:${port ?? PROXY_PORT}`,
      certificates: bridge === undefined ? undefined : surroundings.certificates,
      pnpMap: scripted.pnp?.map,
    },
    process.env,
  );
  return { shell, env, programs, bridge, unset: [...setter.unset, ...unsetBy(sandbox)] };
}

/** npm's runner puts the programs of installed packages first: one that is called `node` would run what was approved for another. */
function nodeFirst({ node }: Surroundings): string {
  return `PATH=${quote(path.dirname(node))}:$PATH`;
}

function programsIn(directory: string): string {
  return path.join(directory, 'bin');
}

/** Where the layout has no folder of programs one is made for each run, as Yarn does. */
async function writePrograms(
  { programs }: LaunchInput['scripted'],
  directory: string,
  { node }: Surroundings,
): Promise<readonly string[]> {
  if (programs === undefined || programs.size === 0) return [];
  const folder = programsIn(directory);
  await mkdir(folder, { recursive: true });
  for (const [name, file] of programs) {
    const text = `#!/bin/sh\nexec ${quote(node)} ${quote(file)} "$@"\n`;
    await writeFile(path.join(folder, name), text, { mode: 0o755 });
  }
  return [folder];
}

function unsetBy(sandbox: Sandbox): readonly string[] {
  return sandbox.kind === 'bubblewrap' && !sandbox.features.boundsFolders
    ? ['the size of its folders in memory (bubblewrap is older than 0.7)']
    : [];
}

function socketIn(directory: string): string {
  return path.join(directory, 'proxy');
}

async function openWayOut(
  sandbox: Sandbox,
  { scripted, directory }: LaunchInput,
  { proxy }: Surroundings,
): Promise<Bridge | undefined> {
  const { network } = scripted.permit;
  if (network.length === 0 || proxy === undefined) return undefined;
  return openBridge(network, proxy, sandbox.kind === 'bubblewrap' ? socketIn(directory) : undefined);
}

function forward(isBubblewrap: boolean, bridge: Bridge | undefined, { node }: Surroundings): readonly string[] {
  return isBubblewrap && bridge !== undefined ? [node, '-e', FORWARDER, '--'] : [];
}

async function privateFolders(directory: string): Promise<readonly [home: string, temporary: string]> {
  const folders = [path.join(directory, 'home'), path.join(directory, 'tmp')] as const;
  for (const folder of folders) await mkdir(folder, { mode: 0o700 });
  return folders;
}

type CommandInput = LaunchInput & {
  readonly private: readonly string[];
  readonly programs: readonly string[];
  readonly bridge: Bridge | undefined;
};

/** The words before the shell that hold it in. */
async function commandFor(
  sandbox: Sandbox,
  input: CommandInput,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  const { scripted, writable, directory, bridge } = input;
  const around = await readableFiles(scripted.directory, surroundings);
  const readable = [...around, ...(scripted.pnp?.readable ?? []), ...input.programs];
  switch (sandbox.kind) {
    case 'bubblewrap': {
      const visible: readonly Visible[] = [
        ...(await etcFiles(directory)),
        ...readable.map((file) => ({ path: file, access: 'read' }) as const),
        ...(await writableParts(scripted)),
        ...(bridge === undefined ? [] : [{ path: socketIn(directory), at: BRIDGE_SOCKET, access: 'read' } as const]),
      ];
      const { features, program, system } = sandbox;
      const links = await linksOf(surroundings.node);
      const masked = await maskedFolders(system.folders, surroundings);
      const workingDirectory = scripted.directory;
      return [program, ...bubblewrapArguments(system, { masked, visible, links, workingDirectory, features })];
    }
    case 'seatbelt': {
      const folders = [...writable, ...input.private];
      const nested = await nestedPackages(scripted.directory);
      return [
        sandbox.program,
        '-p',
        seatbeltProfile({ readable, writable: folders, kept: nested, proxyPort: bridge?.port }),
      ];
    }
    case 'none':
      // A group of its own, so that all of it can be ended.
      return sandbox.setsid === undefined ? [] : [sandbox.setsid];
  }
}
