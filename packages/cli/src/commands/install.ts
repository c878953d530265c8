import { decodeInstallArgs, withInstallOptions } from '../install/options.ts';
import { runInstall } from '../install/run-install.ts';
import type { Command } from './command.ts';

/** `lockseal install`: the package manager receives approved bytes or nothing. */
export const install: Command = {
  builder: (program) =>
    withInstallOptions(program)
      .example('$0 install', 'the frozen install of this project, if its lockfile is approved')
      .example('$0 install --policy-ref=origin/main', 'in a build: by the policy of a protected branch')
      .example('$0 install --verified-only', 'a first step: nobody need approve, the policy must accept')
      .example('$0 install -- make', 'a command of your own, with the same bytes in reach')
      .example('$0 install --check-installed', 'is what lies in node_modules what was approved?'),
  run: (raw, console) => runInstall(decodeInstallArgs(raw, console), console),
};
