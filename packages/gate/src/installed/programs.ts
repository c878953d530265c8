import { Unreadable } from './disk.ts';
import { parentOf, targetOf, type LayoutNode, type ProgramLink } from './layout.ts';
import type { ProjectFolders } from './links.ts';
import { declares, manifestHint, type ManifestHint } from './manifest-hint.ts';
import type { Run } from './run.ts';
import { readScript, type Start } from './start-script.ts';

/** Everything in a `.bin` folder must start the program that an approved package declares under that name. */
export function checkPrograms(run: Run, projects: ProjectFolders): number {
  const hints = new Map<string, ManifestHint>();
  for (const program of run.layout.programs) {
    try {
      if (program.type === 'link') checkLink(run, projects, hints, program);
      else checkScript(run, projects, hints, program);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      run.told.undecide(undefined, program.place, error.message);
    }
  }
  return run.layout.programs.length;
}

const LINE_BYTES = 512;

type Hints = Map<string, ManifestHint>;

function checkLink(run: Run, projects: ProjectFolders, hints: Hints, program: ProgramLink): void {
  const text = run.disk.linkText(program.place);
  const fault = faultOf(run, projects, hints, program, targetOf(program.place, text, run.root));
  if (fault !== undefined) tell(run, program, fault, `a link to ${text}`);
}

function checkScript(run: Run, projects: ProjectFolders, hints: Hints, program: ProgramLink): void {
  const bytes = run.disk.small(program.place, run.limits.shim);
  const script = readScript(bytes, program.place, run.root);
  if (script.type === 'strange') return run.told.undecide(undefined, program.place, script.reason);
  for (const start of script.starts) {
    const fault = faultOf(run, projects, hints, program, start.place) ?? interpreterFault(run, start);
    if (fault !== undefined)
      return tell(run, program, fault, `a script that starts ${start.interpreter ?? ''} ${start.text}`);
  }
  if (script.outside !== undefined) tell(run, program, 'module folders of this project', script.outside);
}

/** A program runs under what its first line says, with the arguments there, and under Node if it says nothing. */
function interpreterFault(run: Run, { place, interpreter }: Start): string | undefined {
  const real = place === undefined ? undefined : run.layout.realPlace(place);
  if (interpreter === undefined || real === undefined) return undefined;
  const [line = ''] = run.disk.head(real, LINE_BYTES).toString('latin1').split('\n');
  const said = line.startsWith('#!') ? line.slice(2).trim() : 'node';
  const isSaid = ` ${said.replaceAll(/\s+/g, ' ')}`.endsWith(` ${interpreter}`) || said === interpreter;
  return isSaid ? undefined : `to be started by ${said}`;
}

function tell(run: Run, { place }: ProgramLink, expected: string, found: string): void {
  run.told.differ(undefined, { kind: 'changed', thing: 'program', place, expected, found });
}

/** What it should lead to, if it does not. */
function faultOf(
  run: Run,
  projects: ProjectFolders,
  hints: Hints,
  { name }: ProgramLink,
  target: string | undefined,
): string | undefined {
  const place = target === undefined ? undefined : run.layout.realPlace(target);
  if (place === undefined) return 'a program of an approved package';
  const home = run.layout.holder(place);
  if (home === undefined || home.type === 'link' || home.type === 'unknown') {
    return isOfProject(projects, place) ? undefined : 'a program of an approved package';
  }
  // What lies in a package that could not be compared is not known either, which is told.
  if (run.uncompared.has(home.place)) return undefined;
  const file = place.slice(home.place.length + 1);
  if (declares(hintOf(run, hints, home), name, file)) return undefined;
  if (!isNativeProgram(run, hints, name, home, file)) return `the program that a package declares as ${name}`;
  run.told.permit('native-program');
  return undefined;
}

/** bun starts a platform's own program instead of the script of the package that depends on it. */
function isNativeProgram(run: Run, hints: Hints, name: string, { place: at }: LayoutNode, file: string): boolean {
  const native = run.packages.get(at);
  if (run.lockfile.format !== 'bun' || native === undefined) return false;
  const natives = new Set(native.entries.map(({ id }) => id));
  for (const [place, { entries }] of run.packages) {
    const edges = entries.flatMap((entry) => entry.edges);
    const asks = edges.some(
      ({ kind, target }) => kind === 'optional' && target.type === 'entry' && natives.has(target.id),
    );
    const home = run.layout.at(place);
    if (asks && home !== undefined && declares(hintOf(run, hints, home), name, file)) return true;
  }
  return false;
}

/** A program of a workspace: the project's own file, which lies in no `node_modules`. */
function isOfProject(projects: ProjectFolders, place: string): boolean {
  if (`/${place}/`.includes('/node_modules/')) return false;
  for (let at = parentOf(place); at !== ''; at = parentOf(at)) if (projects.has(at)) return true;
  return projects.has('');
}

function hintOf(run: Run, hints: Hints, { place }: LayoutNode): ManifestHint {
  const hint = hints.get(place) ?? manifestHint(run, place);
  hints.set(place, hint);
  return hint;
}
