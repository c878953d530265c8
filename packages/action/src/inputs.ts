import path from 'node:path';
import { ActionError } from './action-error.ts';
import type { Environment } from './runner.ts';

const COMMANDS = ['diff', 'verify', 'enforce'] as const;

type CommandName = (typeof COMMANDS)[number];

/** What a workflow gives under `with:`; action.yml tells of each. */
export interface Inputs {
  readonly commands: readonly CommandName[];
  /** Relative to the workspace, or absolute. */
  readonly lockfile: string;
  readonly policyRef: string | undefined;
  readonly base: string | undefined;
  readonly artifact: string | undefined;
  readonly verifyArguments: readonly string[];
  readonly enforceArguments: readonly string[];
  readonly comment: boolean;
  readonly uploadSarif: boolean;
  readonly token: string | undefined;
}

/** Inputs as the runner passes them: `INPUT_POLICY-REF` and so on, '' for what was not given. @throws ActionError */
export function decodeInputs(env: Environment): Inputs {
  const text = (name: string): string | undefined => {
    const value = env[`INPUT_${name.toUpperCase()}`]?.trim();
    return value === '' ? undefined : value;
  };
  const revision = (name: string): string | undefined => {
    const value = text(name);
    if (value?.startsWith('-') === true) throw new ActionError(`The input ${name} is no git revision: ${value}`);
    return value;
  };
  return {
    commands: decodeCommands(text('run') ?? 'verify'),
    lockfile: text('lockfile') ?? '.',
    policyRef: revision('policy-ref'),
    base: revision('base'),
    artifact: text('artifact'),
    verifyArguments: argumentLines(text('verify-arguments')),
    enforceArguments: argumentLines(text('enforce-arguments')),
    comment: decodeFlag('comment', text('comment')),
    uploadSarif: decodeFlag('upload-sarif', text('upload-sarif')),
    token: text('token'),
  };
}

function decodeCommands(text: string): readonly CommandName[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const unknown = names.find((name) => !COMMANDS.some((each) => each === name));
  if (unknown !== undefined || names.length === 0) {
    throw new ActionError(`The input run takes ${COMMANDS.join(', ')}; found ${JSON.stringify(text)}.`);
  }
  return COMMANDS.filter((name) => names.includes(name));
}

/** Anything but true and false is refused: what was meant as "yes" must not be taken for "no". */
function decodeFlag(name: string, text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw new ActionError(`The input ${name} takes true or false; found ${JSON.stringify(text)}.`);
}

/** One argument a line. No shell sees them. */
function argumentLines(text: string | undefined): readonly string[] {
  const lines = text?.split('\n').map((line) => line.trim()) ?? [];
  return lines.filter((line) => line !== '');
}

/** Where the lockfile is looked for. @throws ActionError outside of the workspace */
export function targetOf({ lockfile }: Inputs, workspace: string): string {
  const target = path.resolve(workspace, lockfile);
  const relative = path.relative(workspace, target);
  if (relative.startsWith('..') || path.isAbsolute(relative)) {
    throw new ActionError(`The input lockfile leads out of the workspace: ${lockfile}`);
  }
  return target;
}
