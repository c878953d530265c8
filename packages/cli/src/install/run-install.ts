import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FINDING_CODES, LocksealError, type Finding } from '@lockseal/core';
import { makeRunFolder, type Ended, type RunFolder } from '@lockseal/gate';
import { dependencyPaths } from '@lockseal/lockfile';
import { shownPath } from '../approval/place.ts';
import { countOnlySigned, refusedOf } from '../gate/artifacts.ts';
import { findBasis, type GoodBasis } from '../gate/basis.ts';
import { openGateFor, type OpenedGate } from '../gate/open.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { readLockfileBytes } from '../io/find-lockfile.ts';
import type { Aftermath, Installation } from './after-install.ts';
import { chooseCommand, type ChosenCommand } from './choose-command.ts';
import { commandOfRun } from './command-of-run.ts';
import { exitCodeOf } from './exit-code.ts';
import type { InstallArgs } from './options.ts';
import type { ReadAhead } from './read-ahead.ts';
import { refusalFindings, undecidedRefusals, type InstallReport } from './report.ts';
import { runCommand } from './run-command.ts';

/**
 * Enforces, then runs the package manager with nothing but approved bytes in reach, compares the disk, and runs the
 * install scripts that are approved.
 * @returns the exit code
 * @throws LocksealError for whatever could not be decided
 */
export async function runInstall(args: InstallArgs, console: Console): Promise<number> {
  const basis = await findBasis(args.gate, args.json, console);
  if (basis.status === 'bad') {
    (args.json ? console.stdout : console.stderr).write(basis.text);
    return basis.exitCode;
  }
  const chosen = args.checkOnly ? undefined : await chooseCommand(args.command, basis, console);
  if (!args.quiet) console.stderr.write(openingLine(basis, console));
  const { gate, folder } = await openGateAndFolder(args, basis, chosen, console);
  try {
    const report = await installIn(args, { basis, chosen, gate, folder }, console);
    if (console.signal.aborted) throw new LocksealError('ERR_INTERRUPTED', 'The install was interrupted.');
    const { renderInstall, renderInstallJson } = await import('./render.ts');
    if (args.json) console.stdout.write(renderInstallJson(report));
    const exitCode = exitCodeOf(report);
    if (!(args.quiet && exitCode === EXIT.good)) console.stderr.write(renderInstall(report, console));
    return exitCode;
  } finally {
    await gate.close();
  }
}

/** Both at once: the folder waits for files, the gate computes. Where one cannot be had, the other is taken back. */
async function openGateAndFolder(
  args: InstallArgs,
  basis: GoodBasis,
  chosen: ChosenCommand | undefined,
  console: Console,
): Promise<Pick<Install, 'gate' | 'folder'>> {
  const opening = openGateFor(basis, args.gate.evidence, console);
  const authority = opening.then(({ gate }) => gate.caCertificate);
  const making = makeRunFolder(console, tmpdir(), authority, chosen?.manager?.family);
  const [opened, made] = await Promise.allSettled([opening, making]);
  // Without a gate there is no certificate, and the folder has removed itself.
  if (opened.status === 'rejected') throw opened.reason;
  if (made.status === 'fulfilled') return { gate: opened.value, folder: made.value };
  await opened.value.close();
  throw made.reason;
}

interface Install {
  readonly folder: RunFolder;
  readonly basis: GoodBasis;
  /** undefined: the disk is compared, and nothing else. */
  readonly chosen: ChosenCommand | undefined;
  readonly gate: OpenedGate;
}

function openingLine({ by, place }: GoodBasis, console: Console): string {
  const file = shownPath(place.file, console);
  return by.kind === 'approved'
    ? `${file} is approved by ${by.verdict.approvals.map(({ approver }) => approver).join(', ')}\n`
    : `Nobody approved ${file}: what counts is that the policy accepts it now (--verified-only)\n`;
}

async function installIn(args: InstallArgs, parts: Install, console: Console): Promise<InstallReport> {
  try {
    return await install(args, parts, console);
  } finally {
    await parts.folder.remove();
  }
}

async function install(args: InstallArgs, parts: Install, console: Console): Promise<InstallReport> {
  const { basis, chosen, gate, folder } = parts;
  const begun: InstallReport = {
    file: shownPath(basis.place.file, console),
    basis: basis.by.kind,
    command: chosen?.shown,
    ended: undefined,
    served: gate.gate.served,
    signedDigests: countOnlySigned(gate.selection),
    findings: unservedFindings(basis, gate),
    undecided: [],
    disk: { status: 'skipped', reason: 'nothing was started' },
    scripts: { status: 'skipped', reason: 'nothing was started' },
    heldVariables: [],
    warnings: [...basis.warnings, ...gate.warnings],
  };
  if (begun.findings.length > 0) return begun;
  const command = chosen && (await commandOfRun(args, { basis, chosen, gate, folder }, console));
  const warnings: string[] = [];
  // While the command runs there is time to load and read what is needed when it has ended.
  const [ended, ahead] = await Promise.all([
    chosen && command && runCommand(chosen, command.guarded, console),
    readAhead(args, gate, console, (message) => void warnings.push(message)),
  ]);
  ahead.stop();
  const ran = { ...begun, ended, heldVariables: command?.heldVariables ?? [] };
  return inspect(args, { ...parts, ahead, warnings }, ran, console).finally(() => ahead.close());
}

/**
 * Entries that a package manager would get past the gate (by git, say), and may not: told before anything starts. What
 * it has to ask the gate for is refused there, if this platform needs it at all.
 */
function unservedFindings({ lockfile }: GoodBasis, { selection }: OpenedGate): readonly Finding[] {
  const entries = new Map(lockfile.entries.map((entry) => [entry.id, entry]));
  const pathTo = dependencyPaths(lockfile);
  return refusedOf(selection).flatMap(({ entry: id, reason }): Finding[] => {
    const { name = id, version, position, source } = entries.get(id) ?? {};
    if (source?.type === 'registry' || source?.type === 'tarball') return [];
    const finding: Finding = {
      code: 'gate-refused',
      level: 'error',
      subject: version === undefined ? name : `${name}@${version}`,
      entry: id,
      path: pathTo(id),
      position,
      dependency: undefined,
      expected: undefined,
      found: undefined,
      detail: `The gate will not let it through: ${reason}.`,
      fix: FINDING_CODES['gate-refused'].fix,
    };
    return [finding];
  });
}

interface Inspecting extends Install {
  readonly ahead: ReadAhead;
  /** Of what was read ahead, and grows. */
  readonly warnings: readonly string[];
}

async function readAhead(...about: Parameters<typeof ReadAhead.start>): Promise<ReadAhead> {
  const [module] = await Promise.all([import('./read-ahead.ts'), import('./after-install.ts'), import('./render.ts')]);
  const ahead = await module.ReadAhead.start(...about);
  void ahead.read(about[1]);
  return ahead;
}

/** What is there afterwards: the lockfile, the disk, the scripts. */
async function inspect(
  args: InstallArgs,
  { basis, chosen, gate: opened, folder, ahead, warnings }: Inspecting,
  ran: InstallReport,
  console: Console,
): Promise<InstallReport> {
  const changed = await lockfileFindings(basis);
  const why = reasonNotToLook(ran.ended, changed, console) ?? (await reasonNothingIsHere(args, basis));
  const installation = {
    args,
    basis,
    opened,
    folder: chosen === undefined ? undefined : folder,
    ahead,
  };
  const after = why === undefined ? await look(installation, console) : notLooked(why);
  const { refusals, served } = opened.gate;
  return {
    ...ran,
    ...after,
    served,
    findings: [...changed, ...refusalFindings(refusals), ...after.findings],
    undecided: [...undecidedRefusals(refusals), ...after.undecided],
    warnings: [...new Set([...ran.warnings, ...warnings, ...opened.warnings])],
  };
}

/** A command of the user's own may install elsewhere: in a container, in a copy. */
async function reasonNothingIsHere({ command }: InstallArgs, { place }: GoodBasis): Promise<string | undefined> {
  if (command === undefined) return undefined;
  const names = await readdir(path.dirname(place.file));
  return names.some((name) => INSTALLED.has(name)) ? undefined : 'the command installed nothing beside the lockfile';
}

const INSTALLED: ReadonlySet<string> = new Set(['node_modules', '.pnp.cjs']);

async function look(installation: Installation, console: Console): Promise<Aftermath> {
  const { afterInstall } = await import('./after-install.ts');
  return afterInstall(installation, console);
}

function notLooked(reason: string): Aftermath {
  return { findings: [], undecided: [], disk: { status: 'skipped', reason }, scripts: { status: 'skipped', reason } };
}

async function lockfileFindings({ place, bytes }: GoodBasis): Promise<readonly Finding[]> {
  const now = await readLockfileBytes(place.file).catch((error: unknown) => {
    if (error instanceof LocksealError && error.code === 'ERR_LOCKFILE_NOT_FOUND') return undefined;
    throw error;
  });
  if (now !== undefined && Buffer.compare(now, bytes) === 0) return [];
  const { level, fix } = FINDING_CODES['lockfile-changed'];
  const found = now === undefined ? 'no file' : 'other bytes';
  return [
    {
      code: 'lockfile-changed',
      level,
      subject: 'lockfile',
      entry: undefined,
      path: undefined,
      position: undefined,
      dependency: undefined,
      expected: `sha256 ${place.lockfile.sha256}`,
      found,
      detail: undefined,
      fix,
    },
  ];
}

function reasonNotToLook(
  ended: Ended | undefined,
  changed: readonly Finding[],
  { signal }: Console,
): string | undefined {
  if (signal.aborted) return 'the run was interrupted';
  if (changed.length > 0) return 'the lockfile is no longer the one that was approved';
  if (ended !== undefined && (ended.by === 'signal' || ended.code !== 0)) return 'the command failed';
  return undefined;
}
