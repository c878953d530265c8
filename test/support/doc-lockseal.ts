// The `lockseal` command as the docs are run with: its own arguments, and those that stand for the public services and
// for the person at the terminal. `node doc-lockseal.ts <trusted root> <arguments>`, for commands in a shell.
import process from 'node:process';
import { runProcess } from 'lockseal';

/** Commands that ask for evidence, which no test can have from the public services. */
const ASKS = /^(?:verify|approve|revoke|gate|install|inspect|diff|policy (?:init|explain)|evidence pack)(?: |$)/;
/** Commands that ask the person at the terminal. */
const CONSENTS = /^(?:approve|revoke)(?: |$)/;

export function docArguments(args: readonly string[], trustedRoot: string): string[] {
  const line = args.join(' ');
  return [
    ...args,
    ...(ASKS.test(line) ? [`--trusted-root=${trustedRoot}`, '--no-cache'] : []),
    ...(CONSENTS.test(line) && !args.includes('--yes') ? ['--yes'] : []),
  ];
}

if (process.argv[1] === import.meta.filename) {
  const [node = '', program = '', trustedRoot = '', ...args] = process.argv;
  process.argv = [node, program, ...docArguments(args, trustedRoot)];
  await runProcess(process);
}
