import { realpath } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { LocksealError, parseAuthority, toSpec, type Finding, type Lockfile } from '@lockseal/core';
import {
  describeSandbox,
  failedFindings,
  heldFindings,
  openSandbox,
  planScripts,
  refusedFindings,
  runScripts,
  type ApprovedScripts,
  type Gate,
  type InstalledFolder,
  type InstalledPlace,
  type InstalledReport,
  type ScriptOutcome,
  type SandboxMode,
  type ScriptStep,
  type UpstreamProxy,
} from '@lockseal/gate';
import { dependencyPaths } from '@lockseal/lockfile';
import { permittedScripts, type Policy } from '@lockseal/policy';
import { sanitize } from '@lockseal/report';
import type { Console } from '../io/console.ts';
import { PnpPackages } from './pnp-packages.ts';
import { programsBeside } from './programs.ts';

export interface ScriptRunRequest {
  /** Absolute path of the folder that holds the lockfile. */
  readonly root: string;
  /** As `bindProject` gives it. */
  readonly lockfile: Lockfile;
  /** Where which package lies, as the comparison with what was approved tells: it was made just before, and was good. */
  readonly folders: readonly InstalledPlace[];
  /** Where Plug'n'Play keeps packages; undefined: modules are found in folders. */
  readonly pnp?: InstalledReport['pnp'];
  readonly policy: Policy;
  readonly mode: SandboxMode;
  /** Absolute path of a folder for temporary files, which somebody removes even after a run that was killed. */
  readonly temporary: string;
  /** Its proxy face is the scripts' only way out; undefined: no script reaches anything. */
  readonly gate: Pick<Gate, 'proxyUrl' | 'allow'> | undefined;
  /** PEM of all authorities to trust, the gate's own among them: absolute path. */
  readonly certificates: string | undefined;
}

export interface ScriptRun {
  /** `script-held`, `script-failed`, and `gate-refused` for hosts that scripts asked for. */
  readonly findings: readonly Finding[];
  readonly outcomes: readonly ScriptOutcome[];
  /** Places (POSIX paths from the root) whose files may differ from now on; packages nested in them may not. */
  readonly writable: readonly string[];
}

/**
 * Runs, after an install that was compared with what was approved, the install scripts that the policy lists, and tells of
 * all others. What scripts print goes to standard error, each line with the name of its package.
 * @throws LocksealError ERR_SANDBOX, ERR_PROJECT_UNREADABLE, ERR_INTERRUPTED
 */
export async function runApprovedScripts(request: ScriptRunRequest, console: Console): Promise<ScriptRun> {
  const { lockfile, policy, mode } = request;
  const root = await realpath(request.root);
  const pnp = request.pnp === undefined ? undefined : new PnpPackages(root, request.pnp);
  const scripted = request.folders.filter(({ isScriptless }) => !isScriptless);
  const installed = await findPrograms(installedFolders(scripted, root), lockfile, pnp);
  const folders = [...installed, ...bundledFolders(lockfile, root)];
  const pathTo = dependencyPaths(lockfile);
  const zipped = pnp?.zipped();
  const plan = await planScripts({ lockfile, folders, zipped, permitsFor: permittedScripts(policy), pathTo });
  const outcomes = plan.approved.length === 0 ? [] : await run(plan.approved, { ...request, root }, mode, console);
  return {
    findings: [...heldFindings(plan.held), ...failedFindings(outcomes), ...refusedFindings(outcomes)],
    outcomes,
    writable: outcomes.flatMap(({ writable }) => writable.map((folder) => placeOf(folder, root))).toSorted(),
  };
}

/** With the programs of what each depends on, where npm's runner would not find them by itself. */
async function findPrograms(
  folders: readonly InstalledFolder[],
  { format, entries }: Lockfile,
  pnp: PnpPackages | undefined,
): Promise<readonly InstalledFolder[]> {
  if (format !== 'yarn-berry') return folders;
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const found = folders.map(async (folder): Promise<InstalledFolder> => {
    if (pnp?.isUnplugged(folder) === true) return { ...folder, ...pnp.surroundingsOf(folder.entry) };
    const entry = byId.get(folder.entry);
    return entry === undefined ? folder : { ...folder, programs: await programsBeside(folder.directory, entry) };
  });
  return Promise.all(found);
}

async function run(
  approved: readonly ApprovedScripts[],
  { root, temporary, gate, certificates }: ScriptRunRequest,
  mode: SandboxMode,
  console: Console,
): Promise<readonly ScriptOutcome[]> {
  const sandbox = await openSandbox(mode);
  const say = (text: string): void => void console.stderr.write(`${text}\n`);
  say(describeSandbox(sandbox));
  gate?.allow(
    approved.flatMap(({ permit }) => permit.network.flatMap((host) => parseAuthority(host, HTTPS_PORT) ?? [])),
  );
  const outcomes = await runScripts(approved, {
    sandbox,
    signal: console.signal,
    surroundings: {
      root,
      temporary,
      readable: [],
      env: console.env,
      node: process.execPath,
      proxy: gate && upstreamOf(gate.proxyUrl),
      certificates,
    },
    onLine: (scripted, step, line) => say(`${prefixOf(scripted, step)} ${sanitize(line, MAX_LINE)}`),
  });
  if (console.signal.aborted) throw new LocksealError('ERR_INTERRUPTED', 'The install scripts were interrupted.');
  const unset = [...new Set(outcomes.flatMap((outcome) => outcome.unset))];
  if (unset.length > 0) say(`Not limited on this machine: ${unset.join('; ')}.`);
  return outcomes;
}

const HTTPS_PORT = 443;

/** Characters of a line that are shown. */
const MAX_LINE = 2000;

function prefixOf({ name, version }: ApprovedScripts, step: ScriptStep): string {
  return `[${sanitize(toSpec(name, version))} ${step.name}]`;
}

function upstreamOf(proxyUrl: string): UpstreamProxy {
  const { hostname, port, username, password } = new URL(proxyUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { host: hostname, port: Number(port), authorization };
}

/** Entries that are the same bytes run the same scripts: the first stands for all. */
function installedFolders(places: readonly InstalledPlace[], root: string): readonly InstalledFolder[] {
  return places.flatMap(({ place, entries: [entry] }) =>
    entry === undefined ? [] : [{ entry, directory: path.join(root, ...place.split('/')) }],
  );
}

/** What comes inside another package's tarball lies, in npm's lockfiles, where its entry says; others do not run its scripts. */
function bundledFolders({ entries, format }: Lockfile, root: string): readonly InstalledFolder[] {
  if (format !== 'npm') return [];
  const bundled = entries.filter(({ source }) => source.type === 'bundled');
  return bundled.map(({ id }) => ({ entry: id, directory: path.join(root, ...id.split('/')) }));
}

function placeOf(folder: string, root: string): string {
  return path.relative(root, folder).split(path.sep).join('/');
}
