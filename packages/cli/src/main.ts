import { readFile } from 'node:fs/promises';
import process from 'node:process';

/** Runs one command line and gives its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && args[0] === '--version') {
    const manifest = new URL('../package.json', import.meta.url);
    const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
    process.stdout.write(`${version}\n`);
    return 0;
  }
  process.stderr.write('usage: lockseal --version\n');
  return 2;
}
