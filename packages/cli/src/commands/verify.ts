import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { renderMarkdown, renderReport, REPORT_FORMATS, type Report, type ReportFormat } from '@lockseal/report';
import { choiceOption, flagOption, pairsOption, textOption, type RawArgs } from '../args.ts';
import { decodeEvidenceOptions, withEvidenceOptions, type EvidenceOptions } from '../evidence/options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { widthOf, type Console } from '../io/console.ts';
import { appendStepSummary } from '../io/step-summary.ts';
import { createProgressLine } from '../io/progress-line.ts';
import { styleFor } from '../io/render-error.ts';
import { readVersion } from '../io/version.ts';
import { judgeOutlines } from '../policy/judge-outlines.ts';
import { decodeJudgingOptions, withPolicyOptions, type JudgingOptions } from '../policy/options.ts';
import { recallUnderPolicy } from '../policy/recall-under-policy.ts';
import { writeFileAtomically } from '../io/write-file.ts';
import type { Command } from './command.ts';

interface VerifyArgs {
  readonly target: string;
  readonly evidence: EvidenceOptions;
  readonly judging: JudgingOptions;
  readonly format: ReportFormat;
  /** Absolute; undefined: standard output. */
  readonly output: string | undefined;
  /** Beside that one; the files are absolute. */
  readonly reports: readonly (readonly [format: ReportFormat, file: string])[];
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** `lockseal verify`: proves what can be proved of every locked dependency and every edge; installs nothing. */
export const verify: Command = {
  builder: (program) =>
    withPolicyOptions(withEvidenceOptions(program))
      .positional('target', { type: 'string', describe: 'a lockfile, or the folder that holds one', default: '.' })
      .option('format', { type: 'string', requiresArg: true, describe: `One of ${REPORT_FORMATS.join(', ')}` })
      .option('json', { type: 'boolean', describe: 'Short for --format=json' })
      .option('output', { type: 'string', requiresArg: true, describe: 'Write the report to this file' })
      .option('report', {
        type: 'string',
        requiresArg: true,
        describe: 'Write one more report, as <format>=<file>; may be repeated',
      })
      .option('quiet', { type: 'boolean', describe: 'Print nothing when all is good' })
      .option('verbose', {
        type: 'boolean',
        describe: 'Show every finding in full, and for every package what was checked, against what',
      })
      .example('$0 verify', 'the lockfile in this folder, against the configured registry')
      .example('$0 verify --policy-ref=origin/main --base=origin/main', 'in the build of a pull request')
      .example('$0 verify --tarballs', 'the same, and hash every tarball')
      .example('$0 verify pnpm-lock.yaml --json', 'for programs')
      .example('$0 verify --format=sarif --output=lockseal.sarif', 'for code scanning'),
  run: async (raw, console) => {
    const args = decode(raw, console);
    const started = console.now();
    const progress = createProgressLine('Verifying', console, args.quiet);
    const { judgeable, opened } = await recallUnderPolicy(args.target, args, console, progress.advance).finally(
      progress.clear,
    );
    const run = { version: await readVersion(), durationMs: console.now() - started };
    const report = judgeOutlines(judgeable, opened, run);
    await show(report, args, console);
    return exitCodeOf(report);
  },
};

function decode(raw: RawArgs, console: Console): VerifyArgs {
  const format = choiceOption(raw, 'format', REPORT_FORMATS);
  const json = flagOption(raw, 'json');
  if (json && format !== undefined && format !== 'json') {
    throw new LocksealError('ERR_USAGE', `--json and --format=${format} contradict each other.`, {
      hint: 'Give one of them.',
    });
  }
  const output = textOption(raw, 'output');
  return {
    target: textOption(raw, 'target') ?? '.',
    evidence: decodeEvidenceOptions(raw, console),
    judging: decodeJudgingOptions(raw, console),
    format: json ? 'json' : (format ?? 'human'),
    output: output === undefined ? undefined : path.resolve(console.cwd, output),
    reports: pairsOption(raw, 'report', REPORT_FORMATS).map(([name, file]) => [name, path.resolve(console.cwd, file)]),
    quiet: flagOption(raw, 'quiet'),
    verbose: flagOption(raw, 'verbose'),
  };
}

async function show(report: Report, args: VerifyArgs, console: Console): Promise<void> {
  for (const [format, file] of args.reports) await writeFileAtomically(file, renderReport(report, format));
  if (args.quiet && args.output === undefined && report.verdict === 'good') return;
  const toFile = args.output !== undefined;
  const stream = toFile ? { write: () => true } : console.stdout;
  const options = { style: styleFor(stream, console.env), columns: widthOf(stream), verbose: args.verbose };
  const text = renderReport(report, args.format, options);
  if (args.format === 'github') await appendStepSummary(renderMarkdown(report), console);
  if (args.output === undefined) console.stdout.write(text);
  else await writeFileAtomically(args.output, text);
}

function exitCodeOf({ verdict }: Report): ExitCode {
  switch (verdict) {
    case 'good':
      return EXIT.good;
    case 'findings':
      return EXIT.findings;
    case 'undecided':
      return EXIT.undecided;
  }
}
