// One package manager in one project, run plainly and through the gate.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { driverOf } from '../../test/managers/support/drivers.ts';
import { PROGRAMS } from '../../test/managers/support/gated.ts';
import type { Manager } from '../../test/managers/support/managers.ts';
import { openSigningRegistry } from '../../test/managers/support/signing-registry.ts';
import { spawned } from '../../test/managers/support/spawned.ts';

const TIMEOUT = 600_000;
const REPOSITORY = 'https://github.com/example/shop';
const LOCKSEAL = path.resolve(import.meta.dirname, '../../packages/cli/dist/package/dist/program/lockseal.cjs');

export type Way = 'plain' | 'gate';

export interface Contender {
  readonly manager: Manager;
  /** Packages that the lockfile puts on disk here. */
  readonly packages: number;
  /** Installs into an empty folder. @returns milliseconds */
  install(way: Way, isCold: boolean): Promise<number>;
}

/** Configuration of the machine that says which registry is asked, and whom to trust. */
const INHERITED = /^(?:npm_config_registry|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|https?_proxy|no_proxy)$/i;

/** @param folder empty; each contender has its own */
export async function openContender(
  manager: Manager,
  command: readonly [string, ...string[]],
  manifest: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<Contender> {
  const project = path.join(folder, 'project');
  const homes: Readonly<Record<Way, string>> = { plain: path.join(folder, 'plain'), gate: path.join(folder, 'gate') };
  const bin = path.join(folder, 'bin');
  for (const each of [project, bin, ...Object.values(homes)]) fs.mkdirSync(each);
  const name = PROGRAMS.get(manager.family) ?? assert.fail();
  const words = command.map((word) => `'${word}'`).join(' ');
  fs.writeFileSync(path.join(bin, name), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest, null, 2));
  if (manager.family === 'yarn-berry') fs.writeFileSync(path.join(project, '.yarnrc.yml'), BERRY);
  const inherited = Object.entries(process.env).filter(([variable]) => INHERITED.test(variable));
  const run = async (way: Way, program: readonly [string, ...string[]]): Promise<string> => {
    const env = {
      ...Object.fromEntries(inherited),
      PATH: [bin, path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
      HOME: homes[way],
      // Else root's is that of the whole machine.
      YARN_CACHE_FOLDER: path.join(homes[way], '.cache/yarn'),
      NO_COLOR: '1',
    };
    const { exitCode, output } = await spawned(program, { cwd: project, env, timeout: TIMEOUT });
    assert.equal(exitCode, 0, `${manager.id}: ${program.join(' ')}\n${output}`);
    return output;
  };
  const { lock, frozen } = driverOf(manager);
  assert.ok(!('unavailable' in frozen));
  await run('plain', [...command, ...lock]);
  await approve(project, (args) => run('gate', [process.execPath, LOCKSEAL, ...args]), manager);
  const gated = [process.execPath, LOCKSEAL, 'install', '--json', `--repository=${REPOSITORY}`] as const;
  const [first] = /"packages": (\d+)/.exec(await run('gate', gated))?.slice(1) ?? [];
  return {
    manager,
    packages: Number(first),
    install: async (way, isCold) => {
      clear(project, isCold ? homes[way] : undefined);
      const begun = process.hrtime.bigint();
      await run(way, way === 'plain' ? [...command, ...frozen] : gated);
      return Number(process.hrtime.bigint() - begun) / 1e6;
    },
  };
}

const BERRY = 'nodeLinker: node-modules\nenableTelemetry: false\nenableGlobalCache: false\n';

/**
 * Yarn Berry pins nothing for platforms, so that such packages are approved by what a registry signs; the configured one may
 * be a mirror that serves no signatures.
 */
async function approve(
  project: string,
  cli: (args: readonly string[]) => Promise<string>,
  { family }: Manager,
): Promise<void> {
  await cli(['trust', 'keygen', '../approver.pem']);
  const [, spki = ''] = /^in policies +(\S+)$/m.exec(await cli(['trust', 'show', '../approver.pub.pem'])) ?? [];
  const roles = `  roles:\n    security: {threshold: 1, approvers: [{name: ana, keys: ['${spki}']}]}\n`;
  const policy = `version: 1\nextends: baseline\napprovals:\n  repository: ${REPOSITORY}\n  allowUntimestamped: true\n${roles}`;
  fs.writeFileSync(path.join(project, 'lockseal.yaml'), policy);
  const words = ['approve', '--yes', '--key=../approver.pem', `--repository=${REPOSITORY}`];
  if (family !== 'yarn-berry') return void (await cli(words));
  const signing = await openSigningRegistry();
  fs.writeFileSync(path.join(project, '../keys.json'), signing.keys);
  try {
    await cli([...words, `--registry=${signing.url}`, '--registry-keys=../keys.json']);
  } finally {
    await signing.close();
  }
}

function clear(project: string, home: string | undefined): void {
  for (const name of ['node_modules', '.yarn']) fs.rmSync(path.join(project, name), { recursive: true, force: true });
  if (home === undefined) return;
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home);
}
