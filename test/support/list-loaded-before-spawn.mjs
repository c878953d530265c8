// Preloaded into a process: tells in the file that LOADED_LIST names which files it had loaded when it started its first process.
import childProcess from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const list = process.env['LOADED_LIST'];
const files = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) files.push(url);
    return next(url, context);
  },
});
const { spawn } = childProcess;
childProcess.spawn = (...args) => {
  if (!existsSync(list)) writeFileSync(list, JSON.stringify(files));
  return spawn(...args);
};
syncBuiltinESMExports();
