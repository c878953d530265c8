// What is kept of a verification says the same as the verification itself, whatever the package manager and whatever is
// wrong: of every lockfile at hand, in every report.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  asLocksealError,
  parseTrustedRoot,
  verifyLockfile,
  type Evidence,
  type Lockfile,
  type Project,
  type RegistryMap,
  type TrustedRootMaterial,
  type Verification,
} from '@lockseal/core';
import { bindToProject, dependencyPaths, dependencySteps, pathsAlong, readLockfile } from '@lockseal/lockfile';
import { defaultPolicy } from '@lockseal/policy';
import { renderReport, REPORT_FORMATS } from '@lockseal/report';
import { createProjectFiles } from '../packages/cli/src/io/project-files.ts';
import { judgeOutlines, type Judgeable } from '../packages/cli/src/policy/judge-outlines.ts';
import { judgedText, readJudged } from '../packages/core/src/verification-text.ts';
import { knownPackages } from './support/known-packages.ts';
import { sharedDir } from './support/shared.ts';

const LOCKFILE =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock|deno\.lock|vlt-lock\.json)$/;
const registries: RegistryMap = {
  default: 'https://registry.npmjs.org/',
  scopes: new Map(),
  named: new Map(),
  mirrors: [],
};
const OPENED = { policy: defaultPolicy, inForce: undefined, observations: [], warnings: [] };

describe('a verification that was kept', () => {
  test('is told as the verification itself', async (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const root = parseTrustedRoot(readFileSync(path.join(shared, 'corpus/trust/trusted_root.json')));
    const files = ['samples', 'attacks'].flatMap((name) => lockfilesIn(path.join(shared, 'lockfiles', name)));
    assert.ok(files.length > 80, String(files.length));
    const formats = new Set<string>();
    for (const file of files) {
      const locked = await readIfGood(file);
      if (locked === undefined) continue;
      formats.add(locked.lockfile.format);
      await t.test(path.relative(shared, file), async () => compare(locked, await verify(locked, root)));
    }
    assert.equal(formats.size, 7);
  });
});

function lockfilesIn(base: string): string[] {
  return readdirSync(base).flatMap((name) => {
    const folder = path.join(base, name);
    if (!existsSync(path.join(folder, 'package.json'))) return [];
    return readdirSync(folder).flatMap((file) => (LOCKFILE.test(file) ? [path.join(folder, file)] : []));
  });
}

interface Locked {
  readonly lockfile: Lockfile;
  readonly project: Project | undefined;
}

/** undefined for what is refused: there is nothing to keep of it. */
async function readIfGood(file: string): Promise<Locked | undefined> {
  try {
    const directory = path.dirname(file);
    return await bindToProject(
      readLockfile(path.basename(file), readFileSync(file)),
      directory,
      createProjectFiles(directory),
    );
  } catch (error) {
    assert.match(asLocksealError(error).code, /^ERR_(?:LOCKFILE|PROJECT)_/);
    return undefined;
  }
}

function hasSpecifiers({ entries }: Lockfile): boolean {
  return entries.every(({ edges }) => edges.every(({ spec }) => spec !== undefined));
}

function verify({ lockfile, project }: Locked, trustedRoot: TrustedRootMaterial): Promise<Verification> {
  return verifyLockfile({
    lockfile,
    project,
    registries,
    // Where the lockfile tells what each package asks for, the registry says the same; elsewhere it knows no package.
    source: knownPackages(hasSpecifiers(lockfile) ? [lockfile] : []),
    trustedRoot,
    trust: { origin: 'file', sha256: trustedRoot.sha256, asOf: undefined },
    clock: { now: () => 0 },
    tarballs: 'none',
    concurrency: 4,
  });
}

function compare({ lockfile }: Locked, verification: Verification): void {
  const pairs = lockfile.entries.map((entry, at) => ({ entry, evidence: evidenceAt(verification, at) }));
  const kept = readJudged(judgedText(pairs));
  const steps = JSON.parse(JSON.stringify(dependencySteps(lockfile))) as ReturnType<typeof dependencySteps>;
  const entries = kept.map(({ entry }) => entry);
  const first: Judgeable = {
    entries: lockfile.entries,
    pathTo: dependencyPaths(lockfile),
    verification,
    warnings: [],
  };
  const again: Judgeable = {
    entries,
    pathTo: pathsAlong(entries, () => steps),
    verification: { ...verification, evidence: kept.map(({ evidence }) => evidence) },
    warnings: [],
  };
  const [one, other] = [first, again].map((each) => judgeOutlines(each, OPENED, { version: '1.0.0', durationMs: 0 }));
  assert.ok(one !== undefined && other !== undefined);
  for (const format of REPORT_FORMATS) {
    assert.equal(renderReport(other, format, { verbose: true }), renderReport(one, format, { verbose: true }), format);
  }
  // Reports do not tell it; approvals do.
  assert.deepEqual(
    again.verification.evidence.map(({ requires }) => requires),
    verification.evidence.map(({ requires }) => requires),
  );
}

function evidenceAt({ evidence }: Verification, at: number): Evidence {
  return evidence[at] ?? assert.fail(`no evidence of entry ${at}`);
}
