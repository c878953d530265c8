import { LocksealError, type LockfileFormat } from '@lockseal/core';
import { familyOf, MANAGERS, type Manager } from './managers.ts';

/** What a project says of its package manager. */
export interface Declared {
  readonly format: LockfileFormat;
  /** The lockfile, as messages name it. */
  readonly lockfile: string;
  /** package.json, parsed and not looked at; undefined: there is none. */
  readonly manifest: unknown;
}

const COMMAND = 'Give the command after `--`, such as `lockseal install -- npm ci`.';

/**
 * The package manager that installs from the lockfile. What package.json declares must not name another one.
 * @throws LocksealError ERR_MANAGER
 */
export function detectManager({ format, lockfile, manifest }: Declared): Manager {
  const family = familyOf(format);
  if (family === undefined) {
    throw new LocksealError('ERR_MANAGER', `lockseal does not know how to run ${format} behind the gate.`, {
      file: lockfile,
      expected: Object.keys(MANAGERS).join(', '),
      hint: COMMAND,
    });
  }
  const manager = MANAGERS[family];
  for (const { member, name, major } of declarations(manifest)) {
    if (name === manager.name && isMajorOf(major, manager)) continue;
    throw new LocksealError('ERR_MANAGER', 'package.json names another package manager than the lockfile is of.', {
      file: lockfile,
      expected: `${family}, whose lockfile this is`,
      found: `${major === undefined ? name : `${name}@${major}`} in "${member}"`,
      hint: `Correct "${member}" in package.json, or lock with the package manager that it names.`,
    });
  }
  return manager;
}

interface Declaration {
  readonly member: string;
  readonly name: string;
  /** The first number of the version; undefined: none is given, or it is a range that begins otherwise. */
  readonly major: string | undefined;
}

function declarations(manifest: unknown): readonly Declaration[] {
  const text = memberOf(manifest, 'packageManager');
  const [, name, major] = typeof text === 'string' ? (/^([^@]+)(?:@(\d+))?/.exec(text) ?? []) : [];
  const engines = memberOf(memberOf(manifest, 'devEngines'), 'packageManager');
  const listed: readonly unknown[] = Array.isArray(engines) ? engines : [engines];
  const named = listed.flatMap((engine) => {
    const engineName = memberOf(engine, 'name');
    return typeof engineName === 'string' ? [{ name: engineName, version: memberOf(engine, 'version') }] : [];
  });
  // Of several, any may be the one that is used (`onFail`): it is enough that one of them fits.
  const engine = named.length === 1 ? named[0] : undefined;
  return [
    ...(name === undefined ? [] : [{ member: 'packageManager', name, major }]),
    ...(engine === undefined
      ? []
      : [{ member: 'devEngines.packageManager', name: engine.name, major: majorOfRange(engine.version) }]),
  ];
}

function majorOfRange(range: unknown): string | undefined {
  return typeof range === 'string' ? /^[\^~]?(\d+)/.exec(range)?.[1] : undefined;
}

/** Only Yarn's majors are different programs. */
function isMajorOf(major: string | undefined, { version }: Manager): boolean {
  return major === undefined || version === undefined || version.test(`${major}.`);
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
