#!/usr/bin/env node
// The lockseal command from a checkout at a pinned commit, for CI systems and containers that have nothing but git and
// Node 20 or later. Installs what pnpm-lock.yaml pins, then runs as `lockseal` would.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { command, installedNode } from './install.mjs';

const [node, ...args] = installedNode();
const { status, error } = spawnSync(node, [...args, command, ...process.argv.slice(2)], { stdio: 'inherit' });
if (error !== undefined) process.stderr.write(`${error.message}\n`);
process.exitCode = status ?? 4;
