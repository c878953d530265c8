import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { readCases, runCase, type CaseResult, type Policy } from '@lockseal/policy';
import { sanitize } from '@lockseal/report';
import { decodePolicyOptions } from '../approval/load-policy.ts';
import { flagOption, textOption, type RawArgs } from '../args.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { openPolicy } from '../policy/open-policy.ts';
import { testHistory } from '../policy/test-history.ts';

const CASES = 'lockseal.cases.yaml';

/** `lockseal policy test`: a project's own cases, real attacks (`--incidents`), or its own past (`--history`). */
export async function testPolicy(raw: RawArgs, console: Console): Promise<number> {
  const { policy } = await openPolicy(decodePolicyOptions(raw, console), console.cwd, console);
  const range = textOption(raw, 'history');
  const incidents = flagOption(raw, 'incidents');
  const given = textOption(raw, 'cases');
  if ([incidents, range !== undefined, given !== undefined].filter(Boolean).length > 1) {
    throw new LocksealError('ERR_USAGE', 'Cases, --incidents and --history are runs of their own.', {
      hint: 'Give one of them.',
    });
  }
  if (incidents) return testIncidents(policy, console);
  if (range !== undefined) return testHistory(range, policy, raw, console);
  return testCases(path.resolve(console.cwd, given ?? CASES), policy, console);
}

async function testIncidents(policy: Policy, console: Console): Promise<number> {
  const { replayAll } = await import('../policy/replay/replay-all.ts');
  console.stdout.write(await replayAll(policy));
  return EXIT.good;
}

async function testCases(file: string, policy: Policy, console: Console): Promise<number> {
  const shown = path.relative(console.cwd, file);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new LocksealError('ERR_USAGE', `The cases cannot be read.`, {
      file: shown,
      found: cause.message,
      hint: `Write cases (docs/policy.md, "Tests of your own"), or try \`lockseal policy test --incidents\`.`,
      cause,
    });
  });
  const read = readCases(text, shown);
  if (read.status === 'invalid') {
    const [first] = read.problems;
    throw new LocksealError('ERR_CONFIG', `The cases have a mistake: ${first?.message ?? ''}.`, {
      file: first?.file,
      position: first?.position,
      hint: first?.hint,
    });
  }
  const results = read.cases.map((each) => runCase(each, policy, console.now()));
  const failed = results.filter(({ passes }) => !passes);
  console.stdout.write(
    results.map((result) => resultText(result, shown)).join('') + verdict(results.length, failed.length),
  );
  return failed.length === 0 && results.length > 0 ? EXIT.good : EXIT.findings;
}

function resultText({ case: { name, position, expect }, found, passes }: CaseResult, file: string): string {
  if (passes) return `ok    ${sanitize(name, 200)}\n`;
  return (
    `FAIL  ${sanitize(name, 200)}  ${sanitize(file)}:${position.line}:${position.column}\n` +
    `      expected  ${listed(expect)}\n      found     ${listed(found)}\n`
  );
}

function listed(codes: readonly string[]): string {
  return codes.length === 0 ? '(nothing)' : codes.map((code) => sanitize(code)).join(', ');
}

/** No case at all proves nothing. */
function verdict(count: number, failed: number): string {
  if (count === 0) return 'There is no case.\n';
  return failed === 0 ? `\nAll ${count} hold.\n` : `\n${failed} of ${count} fail.\n`;
}
