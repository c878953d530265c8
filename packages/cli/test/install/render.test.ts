import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Console } from '../../src/io/console.ts';
import { renderInstall, renderInstallJson } from '../../src/install/render.ts';
import type { InstallReport } from '../../src/install/report.ts';

const REPORT: InstallReport = {
  file: 'package-lock.json',
  basis: 'approved',
  command: ['make'],
  ended: { by: 'exit', code: 0 },
  served: { tarballs: 0, fromStore: 0, bytes: 0, documents: 0, tunnels: 0 },
  signedDigests: 0,
  findings: [],
  undecided: [],
  disk: { status: 'skipped', reason: 'the command installed nothing beside the lockfile' },
  scripts: { status: 'skipped', reason: 'the command installed nothing beside the lockfile' },
  heldVariables: [],
  warnings: [],
};
const counts = { packages: 1, files: 1, filesRead: 1, bytesRead: 1, links: 0, programs: 0 };
const compared: InstallReport['disk'] = {
  status: 'compared',
  report: { differences: [], untold: 0, undecided: [], absent: [], permitted: [], counts },
};

const VECTORS = [
  { why: 'a command that installed elsewhere is not told as an install', report: REPORT, head: 'not compared' },
  { why: 'one whose install was compared is', report: { ...REPORT, disk: compared }, head: 'installed' },
  {
    why: 'nothing was run',
    report: { ...REPORT, command: undefined, ended: undefined, disk: compared },
    head: 'as approved',
  },
  { why: 'a failure goes first', report: { ...REPORT, ended: { by: 'exit', code: 2 } as const }, head: 'not good' },
] as const;

for (const { why, report, head } of VECTORS) {
  test(`the first line of the report: ${why}`, () => {
    const console = { stderr: { isTTY: false }, env: { NO_COLOR: '1' } } as unknown as Console;
    assert.equal(renderInstall(report, console).split('  ')[0], head);
  });
}

for (const [signedDigests, told] of [
  [0, undefined],
  [1, '1 package is bound by no hash of the lockfile: bytes are held against the sha512 that the registry signs'],
  [2, '2 packages are bound by no hash of the lockfile: bytes are held against the sha512 that the registry signs'],
] as const) {
  test(`what only the registry's signature binds: ${signedDigests}`, () => {
    const console = { stderr: { isTTY: false }, env: { NO_COLOR: '1' } } as unknown as Console;
    const report = { ...REPORT, signedDigests };
    const line = renderInstall(report, console)
      .split('\n')
      .find((each) => each.startsWith('  signed '));
    assert.equal(line, told && `  signed     ${told}`);
    assert.equal(JSON.parse(renderInstallJson(report)).signedDigests, signedDigests);
  });
}
