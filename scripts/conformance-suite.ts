// Every case of sigstore-conformance through the entry point as the suite starts it, by path and by digest. Exits with 1
// where a verdict is not the one that the case's name announces.
//
//   npm run -s test:conformance -- [folder with the cases' data, default ../shared]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { conformanceCases, type ConformanceCase } from '../test/support/conformance-cases.ts';

const root = path.resolve(import.meta.dirname, '..');
const entryPoint = [process.execPath, '--conditions=@lockseal/source', path.join(root, 'scripts', 'conformance.ts')];

interface Run {
  readonly mode: 'path' | 'digest';
  readonly each: ConformanceCase;
}

/** A client that breaks down says nothing: it exits with 1, too, but without its own word for a refusal. */
async function verdictOf({ mode, each }: Run): Promise<string> {
  const digest = createHash('sha256').update(each.expectation.artifact).digest('hex');
  const [program = '', ...before] = entryPoint;
  const child = spawn(program, [...before, ...each.args, mode === 'path' ? each.artifactFile : `sha256:${digest}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return 'accepted';
  return code === 1 && said.startsWith('refused: ') ? 'refused' : said;
}

const shared = path.resolve(process.argv[2] ?? path.join(root, '..', 'shared'));
if (!existsSync(shared)) {
  console.error(`${shared} is not there: no case was tried`);
  process.exit(process.env['LOCKSEAL_CI'] === undefined ? 0 : 1);
}
const queue = conformanceCases(shared).flatMap((each): Run[] => [
  { mode: 'path', each },
  { mode: 'digest', each },
]);
const counts = { passed: 0, failed: 0 };

async function work(): Promise<void> {
  for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
    const verdict = await verdictOf(run);
    const isRight = verdict === (run.each.name.endsWith('_fail') ? 'refused' : 'accepted');
    counts[isRight ? 'passed' : 'failed'] += 1;
    if (!isRight) console.error(`FAILED ${run.each.name}, by ${run.mode}: ${verdict}`);
  }
}

await Promise.all(Array.from({ length: os.availableParallelism() }, work));
console.log(`${counts.passed} verdicts as announced, ${counts.failed} not`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
