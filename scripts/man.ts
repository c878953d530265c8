// Holds packages/cli/man/lockseal.1 to what the commands declare; with --update writes it.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { COMMANDS } from '../packages/cli/src/commands.ts';
import { describeCommands } from '../packages/cli/src/help/describe.ts';
import { manualPage } from '../packages/cli/src/help/man.ts';

const file = path.join(import.meta.dirname, '../packages/cli/man/lockseal.1');
const page = manualPage(await describeCommands(COMMANDS));
if (process.argv.includes('--update')) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, page);
} else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== page) {
  console.error('packages/cli/man/lockseal.1 is not what the commands declare: npm run man -- --update');
  process.exitCode = 1;
}
