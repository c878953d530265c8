#!/usr/bin/env node
// The hooks of .pre-commit-hooks.yaml: `pre-commit.mjs <command> [--options] <changed files>`. pre-commit names every
// file that changed, an approval file maybe; lockseal takes one lockfile at a time.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { command, installedNode } from './install.mjs';

const [name, ...rest] = process.argv.slice(2);
const options = rest.filter((word) => word.startsWith('-'));
const files = rest.filter((word) => !word.startsWith('-')).map((file) => file.replace(/\.approvals\.jsonl$/, ''));
const [node, ...args] = installedNode();
const codes = [...new Set(files)].map((file) => {
  const ran = spawnSync(node, [...args, command, name, ...options, '--', file], { stdio: 'inherit' });
  return ran.status ?? 4;
});
process.exitCode = Math.max(0, ...codes);
