// The entry point of action.yml, on the runner's own Node: installs what pnpm-lock.yaml pins, then runs src on the
// Node that is pinned there. The Action and all that it runs are thus what the commit in `uses:` says.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { nodeProgram, root, setupOrExit } from '../../scripts/setup.mjs';

// A checkout that its developer has set up is left as it is.
const isInstalled = fs.existsSync(path.join(root, 'node_modules', '.modules.yaml'));
if (!isInstalled) setupOrExit({ production: true });

const run = path.join(import.meta.dirname, 'src', 'run-process.ts');
const child = spawn(nodeProgram(), ['--conditions=@lockseal/source', run], { stdio: 'inherit' });
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 4;
});
child.on('exit', (code) => {
  process.exitCode = code ?? 4;
});
