// Preloaded into a process: tells on file descriptor 3 what the process has loaded when it exits.
import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import process from 'node:process';

const before = new Set(process.moduleLoadList);
const files = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) files.push(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  const builtins = process.moduleLoadList.filter((name) => !before.has(name));
  writeSync(3, JSON.stringify({ files, builtins }));
});
