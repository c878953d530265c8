import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { openOutput, type ChildOutput } from './output.ts';
import type { ApprovedScripts, ScriptOutcome, ScriptResult, ScriptStep } from './model.ts';
import { breakHardLinks, differences, fingerprint, isWithin, leftBehind, measure } from './own-files.ts';
import { readScripts, type FoundScripts } from './read-scripts.ts';
import { prepareLaunch, type Launch, type Surroundings } from './sandbox/launch.ts';
import { limitsOf } from './sandbox/limits.ts';
import type { Sandbox } from './sandbox/open.ts';
import { watchProcess, type Watched } from './sandbox/watch.ts';
import { startScript } from './start-script.ts';

export interface RunInput {
  readonly sandbox: Sandbox;
  readonly surroundings: Surroundings;
  /** Ends the script that is running. */
  readonly signal: AbortSignal;
  /** A line that a script wrote: untrusted text, as it came. */
  readonly onLine: (scripted: ApprovedScripts, step: ScriptStep, line: string) => void;
}

/** Runs the scripts of one package. What it finds wrong, before, meanwhile and afterwards, is the reason of the result. */
export async function runPackage(scripted: ApprovedScripts, input: RunInput): Promise<ScriptOutcome> {
  const directory = await mkdtemp(path.join(await realpath(input.surroundings.temporary), 'script-'));
  try {
    return await runIn(directory, scripted, input);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runIn(directory: string, scripted: ApprovedScripts, input: RunInput): Promise<ScriptOutcome> {
  const places = await openOutputs(scripted);
  if (typeof places === 'string') return failed(scripted, places);
  const limits = limitsOf(scripted.permit);
  await breakHardLinks(scripted.directory);
  const outputs = scripted.permit.outputs ?? [];
  // Where all of its folder is an output, nothing of it is compared.
  const look = async (): Promise<ReadonlyMap<string, string>> =>
    scripted.permit.outputs === undefined ? new Map() : fingerprint(scripted.directory, outputs);
  const before = await look();
  const launch = await prepareLaunch(
    input.sandbox,
    { scripted, limits, writable: places, directory },
    input.surroundings,
  );
  const ended = await runAll(scripted, launch, { ...input, directory, limits });
  const faults = [
    ...differences(before, await look()).map((name) => `it changed ${name}, which is none of its outputs`),
    ...(await leftBehind(scripted.directory, places, SYSTEM)).map((each) => `it left something behind: ${each}`),
  ];
  const reasons = [...(ended.reason === undefined ? [] : [ended.reason]), ...faults];
  const result: ScriptResult =
    reasons.length === 0 ? { status: 'done' } : { status: 'failed', reason: reasons.slice(0, MOST_REASONS).join('; ') };
  const unset = [...new Set([...launch.unset, ...ended.unset])];
  return { package: scripted, result, writable: places, refusedHosts: launch.bridge?.refused() ?? [], unset };
}

const MOST_REASONS = 10;
/** Links may lead there: to compilers, interpreters, libraries. */
const SYSTEM = ['/usr', '/bin', '/lib', '/lib64', '/opt/homebrew', '/nix/store', '/gnu/store'];

function failed(scripted: ApprovedScripts, reason: string): ScriptOutcome {
  return { package: scripted, result: { status: 'failed', reason }, writable: [], refusedHosts: [], unset: [] };
}

/**
 * The folders that it may write to, made where they are not there. None may be reached by a link: another script can have
 * put one there.
 * @returns the reason, where they cannot be used
 */
async function openOutputs({ directory, permit }: ApprovedScripts): Promise<readonly string[] | string> {
  if ((await realpath(directory)) !== directory) return 'its folder is reached by a link';
  if (permit.outputs === undefined) return [directory];
  const folders = permit.outputs.map((name) => path.join(directory, name));
  for (const folder of folders) {
    const parent = await nearest(folder);
    if (!isWithin(directory, parent)) return `its output ${path.relative(directory, folder)} leads out of its folder`;
    const failure = await mkdir(folder, { recursive: true }).catch((error: Error) => error);
    if (failure instanceof Error || (await realpath(folder)) !== folder) {
      return `its output ${path.relative(directory, folder)} is no folder`;
    }
  }
  return folders;
}

/** Where the part of a path that is there already leads. */
async function nearest(folder: string): Promise<string> {
  return realpath(folder).catch(async () => nearest(path.dirname(folder)));
}

interface Steps extends RunInput {
  readonly directory: string;
  readonly limits: ReturnType<typeof limitsOf>;
}

interface Ended {
  readonly reason: string | undefined;
  readonly unset: readonly string[];
}

async function runAll(scripted: ApprovedScripts, launch: Launch, input: Steps): Promise<Ended> {
  try {
    return await runSteps(scripted, launch, input);
  } finally {
    await launch.bridge?.close();
  }
}

async function runSteps(scripted: ApprovedScripts, launch: Launch, input: Steps): Promise<Ended> {
  const unset: string[] = [];
  for (const step of scripted.steps) {
    // A package can change itself: what runs is what was approved, or nothing.
    const found = await readScripts(scripted.directory).catch(() => undefined);
    if (found === undefined || found.scripts.sha256 !== scripted.scripts.sha256) {
      return { reason: `${step.name}: its scripts are no longer those that were approved`, unset };
    }
    const ended = await runStep(scripted, step, { ...input, launch, found });
    unset.push(...ended.unset);
    if (ended.reason !== undefined) return { reason: `${step.name}: ${ended.reason}`, unset };
  }
  return { reason: undefined, unset };
}

async function runStep(
  scripted: ApprovedScripts,
  step: ScriptStep,
  input: Steps & { readonly launch: Launch; readonly found: FoundScripts },
): Promise<Ended> {
  const { directory, launch, found, signal, onLine } = input;
  if (signal.aborted) return { reason: 'it was interrupted', unset: [] };
  const output = await openOutput(path.join(directory, step.event), (line) => onLine(scripted, step, line));
  // Once it runs it may have written already.
  const before = await measure([scripted.directory], input.limits.files);
  const running = startScript({ scripted, step, found, launch, output });
  const guard = guardScript(scripted, { output, before }, input);
  const failure = await running;
  const { stopped, unset } = await guard.end();
  await output.close();
  return { reason: stopped ?? failure, unset };
}

interface Guard {
  end(): Promise<{ readonly stopped: string | undefined; readonly unset: readonly string[] }>;
}

/** Ends the script when it exceeds its limits, or when the run is interrupted. */
function guardScript(
  scripted: ApprovedScripts,
  { output, before }: { readonly output: ChildOutput; readonly before: Watched['before'] },
  { sandbox, signal, limits }: Steps,
): Guard {
  const leadsGroup = sandbox.kind === 'none' && sandbox.setsid !== undefined;
  let stopped: string | undefined;
  let pid: number | undefined;
  const stop = (reason: string): void => {
    stopped ??= reason;
    if (pid === undefined) return;
    if (leadsGroup) kill(-pid);
    kill(pid);
  };
  const onAbort = (): void => stop('it was interrupted');
  signal.addEventListener('abort', onAbort);
  const watching = output.pid.then(async (id) => {
    pid = id;
    if (signal.aborted) onAbort();
    return watchProcess({ pid: id, limits, writable: [scripted.directory], before, stop });
  });
  return {
    end: async () => {
      signal.removeEventListener('abort', onAbort);
      if (pid === undefined) return { stopped, unset: [] };
      const watch = await watching;
      watch.end();
      // What it left running. In bubblewrap nothing outlives it, and its own number may be another's by now.
      if (leadsGroup) kill(-pid);
      return { stopped, unset: watch.unset };
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone already, or become somebody else's.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
