import type { ScriptStep, ApprovedScripts } from './model.ts';
import type { ChildOutput } from './output.ts';
import type { FoundScripts } from './read-scripts.ts';
import type { Launch } from './sandbox/launch.ts';
import { PID_FD } from './sandbox/shell.ts';

interface Start {
  readonly scripted: ApprovedScripts;
  readonly step: ScriptStep;
  readonly found: FoundScripts;
  readonly launch: Launch;
  readonly output: ChildOutput;
}

/** What @npmcli/run-script rejects with when a script fails. */
interface Failure extends Error {
  readonly code?: number | string | null;
  readonly signal?: NodeJS.Signals | null;
}

/**
 * Runs one script as npm does, through npm's own runner: it makes PATH, npm_package_* and npm_lifecycle_*. The shell that it
 * is told to use is the launcher.
 * @returns what went wrong, in one clause; undefined: it ended well
 */
export async function startScript({ scripted, step, found, launch, output }: Start): Promise<string | undefined> {
  const { default: runScript } = await import('@npmcli/run-script');
  const { name, version } = scripted;
  return runScript({
    event: step.event,
    path: scripted.directory,
    // The very text that was approved, not what the file says when it is read once more.
    cmd: step.text,
    pkg: { ...found.manifest, _id: `${name}@${version ?? ''}`, scripts: { [step.event]: step.text } },
    env: launch.env,
    binPaths: launch.programs,
    scriptShell: launch.shell,
    stdio: stdioOf(output),
  }).then(() => undefined, failureText);
}

function stdioOf({ out, status }: ChildOutput): readonly unknown[] {
  const handed: unknown[] = ['ignore', out, out];
  handed[PID_FD] = status;
  return handed;
}

function failureText(failure: Failure): string {
  if (typeof failure.signal === 'string') return `ended by ${failure.signal}`;
  return typeof failure.code === 'number' ? `exit code ${failure.code}` : `could not be started: ${failure.message}`;
}
