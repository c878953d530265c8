// The command line on a project of the matrix: `lockseal verify --json`, with the world's trusted root and keys.
import fs from 'node:fs';
import path from 'node:path';
import { runCli } from '../../support/run-cli.ts';
import type { Family } from './managers.ts';
import type { Project } from './run-manager.ts';
import type { World } from './world.ts';

/** What the suite reads of the JSON report (packages/report/schema/report-v1.json). */
export interface VerifyReport {
  readonly verdict: string;
  readonly counts: { readonly entries: number; readonly classes: Readonly<Record<string, number>> };
  readonly packageSet: { readonly sha256: string; readonly packages: number };
  readonly findings: readonly {
    readonly code: string;
    readonly level: string;
    readonly subject: string;
    readonly expected: string | null;
    readonly found: string | null;
  }[];
  readonly undecided: readonly { readonly subject: string; readonly reason: string }[];
  readonly evidence: readonly {
    readonly entry: string;
    readonly purl: string;
    readonly class: string;
    readonly grade: string;
    readonly reason: string;
    readonly sha512: string | null;
    readonly checks: Readonly<Record<string, { readonly status: string; readonly proof?: string }>>;
  }[];
}

/** A report, or what was printed where none could be made. */
export type Verified =
  | { readonly type: 'report'; readonly report: VerifyReport }
  | { readonly type: 'error'; readonly output: string };

/** `lockseal verify` on the project's folder, with nothing of the user's environment. */
export async function verifyProject(
  project: Project,
  world: World,
  family: Family,
  options: readonly string[] = [],
): Promise<Verified> {
  const trust = path.join(path.dirname(project.directory), 'trust');
  fs.mkdirSync(trust, { recursive: true });
  fs.writeFileSync(path.join(trust, 'root.json'), world.trustedRoot);
  fs.writeFileSync(path.join(trust, 'keys.json'), world.keys);
  const args = ['verify', project.directory, '--json', '--no-cache'];
  const files = ['--trusted-root=root.json', '--registry-keys=keys.json'];
  const { exitCode, stdout, stderr } = await runCli([...args, ...files, ...registryOption(family, world), ...options], {
    cwd: trust,
  });
  // A report of undecided entries is a report too.
  if (/^\{\s*"schema"/.test(stdout)) return { type: 'report', report: JSON.parse(stdout) as VerifyReport };
  return { type: 'error', output: `lockseal ended with ${exitCode}:\n${stdout}${stderr}` };
}

/** lockseal finds the registry where the manager does, in the project's configuration; of vlt's it reads none. */
function registryOption(family: Family, world: World): readonly string[] {
  return family === 'vlt' ? [`--registry=${world.server.url}`] : [];
}

export function errorsOf({ findings }: VerifyReport): VerifyReport['findings'] {
  return findings.filter(({ level }) => level === 'error');
}
