// A project, its registry and its approvers, driven through the command line in this very process.
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createRegistry, createSigstore, type RegistryBox, type RegistryServer } from '@lockseal/testkit';
import { generateKey } from '../../../packages/signer/src/index.ts';
import { runCli, type CliRun } from '../../support/run-cli.ts';

export const REPOSITORY = 'https://github.com/example/shop';

export interface Workshop {
  readonly directory: string;
  readonly box: RegistryBox;
  readonly registry: RegistryServer;
  readonly lockfile: string;
  /** The file of approvals. */
  readonly approvals: string;
  /** Base64 SPKI by name of the approver. */
  readonly keys: ReadonlyMap<string, string>;
  /** `lockseal <args>` in the project, under the trusted root of this workshop. */
  run(...args: readonly string[]): Promise<CliRun>;
  approve(who: string, ...args: readonly string[]): Promise<CliRun>;
  enforce(...args: readonly string[]): Promise<CliRun>;
  /** What the registry was asked for since the last time, by package. */
  asked(): readonly string[];
  /** Writes a file of the project. */
  write(name: string, text: string): Promise<void>;
  read(name: string): Promise<string>;
  close(): Promise<void>;
}

/** A workshop with these approvers, whose packages `fill` publishes. */
export async function openWorkshop(
  names: readonly string[],
  fill: (box: RegistryBox) => void,
  policy: (keys: ReadonlyMap<string, string>) => string = policyOf,
): Promise<Workshop> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'lockseal-approval-'));
  const sigstore = await createSigstore();
  const box = createRegistry({ sigstore });
  fill(box);
  const registry = await box.serve();
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(directory, name), text);
  const keys = new Map<string, string>();
  for (const name of names) {
    const { privateKey, publicKey } = generateKey('P-256');
    keys.set(name, createPublicKey(publicKey).export({ type: 'spki', format: 'der' }).toString('base64'));
    await write(`${name}.pem`, privateKey);
  }
  await write('root.json', JSON.stringify(sigstore.trustedRoot));
  await write('lockseal.yaml', policy(keys));
  await write('.npmrc', `registry=${registry.url}\n`);
  const run = (...args: readonly string[]): Promise<CliRun> => runCli(args, { cwd: directory });
  let seen = 0;
  return {
    directory,
    box,
    registry,
    lockfile: path.join(directory, 'package-lock.json'),
    approvals: path.join(directory, 'package-lock.json.approvals.jsonl'),
    keys,
    run,
    approve: (who, ...args) =>
      run(
        'approve',
        '--yes',
        '--no-cache',
        '--trusted-root=root.json',
        `--repository=${REPOSITORY}`,
        `--key=${who}.pem`,
        ...args,
      ),
    enforce: (...args) => run('enforce', '--trusted-root=root.json', ...args),
    asked: () => {
      const since = registry.requests.slice(seen);
      seen = registry.requests.length;
      return since.flatMap(({ name }) => name ?? []);
    },
    write,
    read: (name) => readFile(path.join(directory, name), 'utf8'),
    close: async () => {
      await registry.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A role `security` in which one of these is enough. */
export function policyOf(keys: ReadonlyMap<string, string>): string {
  const approvers = [...keys].map(([name, spki]) => `        - {name: ${name}, keys: ['${spki}']}\n`).join('');
  return `version: 1
approvals:
  repository: ${REPOSITORY}
  allowUntimestamped: true
  roles:
    security:
      threshold: 1
      approvers:
${approvers}`;
}
