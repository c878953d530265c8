import path from 'node:path';
import { flagOption, textOption } from '../args.ts';
import { decodePolicyOptions } from '../approval/load-policy.ts';
import { decodeEvidenceOptions, withEvidenceOptions, type EvidenceOptions } from '../evidence/options.ts';
import { EXIT } from '../exit-codes.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { styleFor } from '../io/render-error.ts';
import { openPolicy } from '../policy/open-policy.ts';
import { withPolicyFile } from '../policy/options.ts';
import { listScripts } from '../scripts/list-scripts.ts';
import { renderScripts, scriptsJson, type ScriptReport } from '../scripts/render-scripts.ts';
import { verifyFile } from '../verify-file.ts';
import type { Command } from './command.ts';

/** `lockseal scripts`: the code that packages would run when they are installed; nothing is installed, and none runs. */
export const scripts: Command = {
  builder: (program) =>
    withPolicyFile(withEvidenceOptions(program))
      .positional('target', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
      .option('json', { type: 'boolean', describe: 'For programs: with the whole text of every script' })
      .example('$0 scripts', 'what would run, by whose leave, and the entries that approve the rest')
      .example('$0 scripts --policy-ref=origin/main', 'by the policy of a protected branch')
      .example('$0 scripts --no-tarballs', "quicker, by the registry's word"),
  run: async (raw, console) => {
    const target = textOption(raw, 'target') ?? '.';
    const file = await findLockfile(path.resolve(console.cwd, target));
    const opened = await openPolicy(decodePolicyOptions(raw, console), path.dirname(file), console);
    const progress = createProgressLine('Reading', console, false);
    const evidence = readingTarballs(decodeEvidenceOptions(raw, console));
    const verified = await verifyFile(target, evidence, console, progress.advance).finally(progress.clear);
    const { lockfile } = verified.verification;
    const report: ScriptReport = {
      ...listScripts(verified, opened),
      lockfile: { path: lockfile.path, sha256: lockfile.sha256 },
      policy: opened.inForce,
    };
    const text = flagOption(raw, 'json')
      ? scriptsJson(report)
      : renderScripts(report, styleFor(console.stdout, console.env));
    console.stdout.write(text);
    return report.unread.length === 0 ? EXIT.good : EXIT.undecided;
  },
};

/** Only the bytes tell what runs: a binding.gyp that no manifest mentions is code, too. */
function readingTarballs(options: EvidenceOptions): EvidenceOptions {
  return options.tarballs === 'needed' ? { ...options, tarballs: 'all' } : options;
}
