import fs from 'node:fs';

/** Writes a program that runs other words with whatever it is given. */
export function writeStarter(file: string, command: readonly string[]): void {
  const words = command.map((word) => `'${word}'`).join(' ');
  fs.writeFileSync(file, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}
