// A project of real packages from the configured registry: what is common to its tests and to the benchmark of installs.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { openSigningRegistry } from './signing-registry.ts';

/** An ordinary project: 190 packages, with an alias, a scope, an install script and programs for platforms. */
export const DEPENDENCIES: Readonly<Record<string, string>> = {
  '@sindresorhus/is': '^7.0.0',
  esbuild: '^0.25.0',
  express: '^4.21.0',
  npm: '^10.9.0',
  react: '^18.3.1',
  'react-dom': '^18.3.1',
  sigstore: '^3.0.0',
  'sw-old': 'npm:string-width@^4.2.3',
  typescript: '^5.6.0',
};
export const YARNRC = 'nodeLinker: node-modules\nenableTelemetry: false\nenableGlobalCache: false\n';
export const REPOSITORY = 'https://github.com/example/shop';
/** For one command, in milliseconds. */
export const TIMEOUT = 600_000;

/** Configuration of the machine that says which registry is asked, and whom to trust. */
const INHERITED = /^(?:npm_config_registry|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|https?_proxy|no_proxy)$/i;

/** The environment of whoever installs: programs of `bin` first, and a home of its own. */
export function environmentOf(bin: string, home: string): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name))),
    PATH: [bin, path.dirname(process.execPath), '/usr/bin', '/bin'].join(path.delimiter),
    HOME: home,
    // Else root's is that of the whole machine.
    YARN_CACHE_FOLDER: path.join(home, '.cache/yarn'),
    NO_COLOR: '1',
  };
}

/** Runs lockseal in the project. @returns what it prints */
export type Cli = (...args: readonly string[]) => Promise<string>;

/** Makes a key, and a policy by which it approves. */
export async function writePolicy(project: string, cli: Cli): Promise<void> {
  await cli('trust', 'keygen', '../approver.pem');
  const [, spki = ''] = /^in policies +(\S+)$/m.exec(await cli('trust', 'show', '../approver.pub.pem')) ?? [];
  const roles = `  roles:\n    security: {threshold: 1, approvers: [{name: ana, keys: ['${spki}']}]}\n`;
  const approvals = `approvals:\n  repository: ${REPOSITORY}\n  allowUntimestamped: true\n${roles}`;
  fs.writeFileSync(path.join(project, 'lockseal.yaml'), `version: 1\nextends: baseline\n${approvals}`);
}

/** Approves by that key. */
export async function approve(cli: Cli, options: readonly string[] = []): Promise<string> {
  return cli('approve', '--yes', '--key=../approver.pem', `--repository=${REPOSITORY}`, ...options);
}

/**
 * Approves where somebody signs what the configured registry serves: that may be a mirror that serves no signatures.
 * @param signs false: a registry that signs nothing, which is there to be asked
 */
export async function approveSigned(project: string, cli: Cli, signs = true): Promise<string> {
  const signing = await openSigningRegistry({ signs });
  try {
    fs.writeFileSync(path.join(project, '../keys.json'), signing.keys);
    return await approve(cli, [`--registry=${signing.url}`, '--registry-keys=../keys.json', '--no-cache']);
  } finally {
    await signing.close();
  }
}

/** Takes away what is installed; with a home, also all that package managers and lockseal keep there. */
export function clear(project: string, home: string | undefined): void {
  for (const name of ['node_modules', '.yarn']) fs.rmSync(path.join(project, name), { recursive: true, force: true });
  if (home === undefined) return;
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home);
}
