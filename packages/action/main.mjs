// The entry point of action.yml, on the runner's own Node. The Action and all that it runs are what the commit in
// `uses:` says: its sources, and its dependencies by hash.
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { installedNode } from './install.mjs';

const [node, ...args] = installedNode();
const run = path.join(import.meta.dirname, 'src', 'run-process.ts');
const child = spawn(node, [...args, run], { stdio: 'inherit' });
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 4;
});
child.on('exit', (code) => {
  process.exitCode = code ?? 4;
});
