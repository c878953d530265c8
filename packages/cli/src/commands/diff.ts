import path from 'node:path';
import type { TrustDiff } from '@lockseal/core';
import { failsOn, renderDiff, renderDiffMarkdown, type DiffReport } from '@lockseal/report';
import { shownPath } from '../approval/place.ts';
import { decodeDiffArgs, withDiffOptions, type DiffArgs } from '../diff/options.ts';
import { openBase } from '../diff/open-base.ts';
import { openFile } from '../diff/opened-state.ts';
import { diffStates } from '../diff/verify-changed.ts';
import { tuneEngine } from '../evidence/tune-engine.ts';
import { openEvidence } from '../evidence/open-evidence.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { widthOf, type Console } from '../io/console.ts';
import { findLockfile } from '../io/find-lockfile.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { styleFor } from '../io/render-error.ts';
import { appendStepSummary } from '../io/step-summary.ts';
import { readVersion } from '../io/version.ts';
import { writeFileAtomically } from '../io/write-file.ts';
import { openPolicy } from '../policy/open-policy.ts';
import type { Command } from './command.ts';

/** `lockseal diff`: what changed in trust between two states of a lockfile. It informs; `--fail-on` makes it a check. */
export const diff: Command = {
  builder: withDiffOptions,
  run: async (raw, console) => {
    const args = decodeDiffArgs(raw, console);
    const started = console.now();
    const compared = await compare(args, console);
    const report: DiffReport = {
      ...compared,
      tool: { name: 'lockseal', version: await readVersion() },
      verdict: verdictOf(compared.diff, args.failOn),
      failOn: args.failOn,
      durationMs: console.now() - started,
    };
    await show(report, args, console);
    return exitCodeOf(report);
  },
};

async function compare(args: DiffArgs, console: Console): Promise<Pick<DiffReport, 'diff' | 'warnings'>> {
  tuneEngine();
  const file = await findLockfile(path.resolve(console.cwd, args.target));
  const directory = path.dirname(file);
  const after = await openFile(file, shownPath(file, console));
  const evidence = await openEvidence(args.evidence, { directory, format: after.lockfile.format }, console);
  const progress = createProgressLine('Comparing', console, args.quiet);
  try {
    const base = await openBase(args.base, file, {
      openPolicy: () => openPolicy(args.policy, directory, console),
      trustedRoot: evidence.trustedRoot,
      console,
    });
    const run = { evidence, tarballs: args.evidence.tarballs, console, onProgress: progress.advance };
    const compared = await diffStates(base.opened, after, run);
    return { diff: compared, warnings: [...base.warnings, ...evidence.warnings] };
  } finally {
    progress.clear();
    evidence.close();
  }
}

/** What fails outweighs what is not known: nothing learned later would take it away. */
function verdictOf({ changes }: TrustDiff, failOn: readonly string[]): DiffReport['verdict'] {
  if (changes.some((change) => failsOn(change, failOn))) return 'failed';
  return changes.some(({ after, before }) => (after?.undecided ?? before?.undecided) !== undefined)
    ? 'undecided'
    : 'informed';
}

async function show(report: DiffReport, args: DiffArgs, console: Console): Promise<void> {
  for (const [format, file] of args.reports) await writeFileAtomically(file, renderDiff(report, format));
  const isSilent = args.quiet && args.output === undefined && report.diff.changes.length === 0;
  if (isSilent) return;
  const stream = args.output === undefined ? console.stdout : { write: () => true };
  const options = { style: styleFor(stream, console.env), columns: widthOf(stream), verbose: args.verbose };
  const text = renderDiff(report, args.format, options);
  if (args.format === 'github') await appendStepSummary(renderDiffMarkdown(report), console);
  if (args.output === undefined) console.stdout.write(text);
  else await writeFileAtomically(args.output, text);
}

function exitCodeOf({ verdict }: DiffReport): ExitCode {
  switch (verdict) {
    case 'informed':
      return EXIT.good;
    case 'failed':
      return EXIT.findings;
    case 'undecided':
      return EXIT.undecided;
  }
}
