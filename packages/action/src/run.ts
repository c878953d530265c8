import { mkdtemp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ActionError } from './action-error.ts';
import { checkedOut, fetchAll } from './git.ts';
import { comment, uploadSarif, type GithubApi } from './github-api.ts';
import { decodeInputs, targetOf, type Inputs } from './inputs.ts';
import { startLockseal, withoutSecrets, type RunLockseal } from './lockseal.ts';
import { planRun, type Plan } from './plan.ts';
import { decodeRunner, type Environment, type Json, type Runner } from './runner.ts';
import { annotate, indented, quote, setOutputs, summarize, summarizeMarkdown, type Log } from './speak.ts';
import { decodeTrigger, refuseStrangersCode, type Trigger } from './trigger.ts';

const MAX_EVENT = 32 * 1024 * 1024;
/** GitHub takes comments of 65,536 characters; ours begin with a marker. */
const MAX_COMMENT = 65_500;
const MAX_TEXT = 60_000;

interface Step {
  /** For lockseal. */
  readonly env: Environment;
  readonly lockseal: RunLockseal;
  readonly inputs: Inputs;
  readonly runner: Runner;
  readonly trigger: Trigger;
  readonly plan: Plan;
  /** Absolute path of what is verified. */
  readonly target: string;
  /** Folder of this run's files. */
  readonly folder: string;
  readonly log: Log;
}

/** What a command came to, and what of it goes into a comment. */
interface Result {
  readonly exitCode: number;
  readonly markdown: string;
}

/**
 * Runs the Action: finds out whose policy counts, fetches it, runs lockseal, tells the runner.
 * @returns the exit code: 0 good, 1 findings or no approval, 2 wrong usage or configuration, 3 could not decide
 */
export async function runAction(env: Environment, log: Log, lockseal: RunLockseal = startLockseal): Promise<number> {
  try {
    const step = { ...(await prepare(env, log)), lockseal };
    log(`${step.plan.why}: policy of ${step.plan.policyRef}, compared with ${step.plan.base ?? 'nothing'}`);
    const results: Result[] = [];
    for (const name of step.inputs.commands) results.push(await COMMANDS[name](step));
    // The higher code says less, so it goes first: what could not be decided is no pass and no finding.
    const exitCode = Math.max(...results.map((result) => result.exitCode));
    await setOutputs(step.runner, { 'exit-code': String(exitCode), verdict: VERDICTS[exitCode] ?? 'error' });
    await publish(step, fitting(results.map(({ markdown }) => markdown)));
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof ActionError)) throw thrown;
    annotate(log, 'error', thrown.message);
    return 2;
  }
}

const VERDICTS: Readonly<Record<number, string>> = { 0: 'good', 1: 'findings', 3: 'undecided' };

async function prepare(env: Environment, log: Log): Promise<Omit<Step, 'lockseal'>> {
  const inputs = decodeInputs(env);
  const runner = decodeRunner(env);
  const trigger = decodeTrigger(runner, await readEvent(env));
  refuseStrangersCode(runner, await checkedOut(runner));
  const plan = planRun(trigger, inputs);
  const target = targetOf(inputs, runner.workspace);
  await fetchAll(plan.fetch, runner, inputs.token);
  const folder = await mkdtemp(path.join(runner.temp, 'lockseal-'));
  return { env: withoutSecrets(env), inputs, runner, trigger, plan, target, folder, log };
}

async function readEvent(env: Environment): Promise<Json> {
  const file = env['GITHUB_EVENT_PATH'] ?? '';
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_EVENT) throw new RangeError('too long');
    return JSON.parse(text) as Json;
  } catch {
    throw new ActionError('GITHUB_EVENT_PATH names no readable event; this runs as a step of GitHub Actions.');
  }
}

const COMMANDS: Readonly<Record<Inputs['commands'][number], (step: Step) => Promise<Result>>> = {
  diff,
  verify,
  enforce,
};

/** Options of `verify` that say where evidence comes from: `diff` takes them, too. */
const EVIDENCE =
  /^--(?:registry|mirror|attestations-registry|trusted-root|registry-keys|tuf-url|tuf-root|offline|cache|no-cache|concurrency|tarballs|no-tarballs)(?:=|$)/;

/** What changed in trust. It informs; what is acceptable, `verify` says. */
async function diff({ env, lockseal, inputs, runner, plan, target, folder, log }: Step): Promise<Result> {
  if (plan.base === undefined) {
    log('lockseal diff: there is no state before to compare with.');
    return { exitCode: 0, markdown: '' };
  }
  const file = path.join(folder, 'diff.md');
  const { exitCode, output } = await lockseal(
    [
      'diff',
      plan.base,
      target,
      '--format=markdown',
      `--output=${file}`,
      `--policy-ref=${plan.policyRef}`,
      ...inputs.verifyArguments.filter((each) => EVIDENCE.test(each)),
    ],
    runner.workspace,
    env,
  );
  quote(log, output);
  const markdown = await readFile(file, 'utf8').catch(() => undefined);
  if (markdown === undefined) await summarize(runner, 'lockseal diff', output);
  else await summarizeMarkdown(runner, markdown);
  return { exitCode, markdown: markdown ?? indented(output.slice(0, MAX_TEXT)) };
}

async function verify({ env, lockseal, inputs, runner, plan, target, folder, log }: Step): Promise<Result> {
  const files = { sarif: path.join(folder, 'lockseal.sarif'), markdown: path.join(folder, 'lockseal.md') };
  const { exitCode, output } = await lockseal(
    [
      'verify',
      target,
      '--format=github',
      ...Object.entries(files).map(([format, file]) => `--report=${format}=${file}`),
      `--policy-ref=${plan.policyRef}`,
      ...(plan.base === undefined ? [] : [`--base=${plan.base}`]),
      ...inputs.verifyArguments,
    ],
    runner.workspace,
    env,
  );
  // Made for the log: its annotations must work, and all else in it is escaped.
  log(output.trimEnd());
  const markdown = await readFile(files.markdown, 'utf8').catch(() => undefined);
  if (markdown === undefined) await summarize(runner, 'lockseal verify', output);
  else await setOutputs(runner, { sarif: files.sarif, report: files.markdown });
  return { exitCode, markdown: markdown ?? indented(output.slice(0, MAX_TEXT)) };
}

async function enforce({ env, lockseal, inputs, runner, plan, target, log }: Step): Promise<Result> {
  const { artifact } = inputs;
  const { exitCode, output } = await lockseal(
    [
      'enforce',
      target,
      `--policy-ref=${plan.policyRef}`,
      ...(plan.base === undefined ? [] : [`--baseline=${plan.base}`]),
      ...(artifact === undefined ? [] : [`--artifact=${path.resolve(runner.workspace, artifact)}`]),
      ...inputs.enforceArguments,
    ],
    runner.workspace,
    env,
  );
  quote(log, output);
  await summarize(runner, 'lockseal enforce', output);
  if (exitCode !== 0) annotate(log, 'error', 'The lockfile is not approved; the summary of this step says why.');
  const first = output.slice(0, output.indexOf('\n')).slice(0, 300);
  return { exitCode, markdown: `\nlockseal enforce:\n\n${indented(first)}` };
}

/** Whatever comes of it, the verdict stands: GitHub gives the jobs of forks a token that cannot write. */
async function publish({ inputs, runner, trigger, folder, log }: Step, markdown: string): Promise<void> {
  const { token } = inputs;
  if (token === undefined) return;
  const api: GithubApi = { runner, token };
  if (inputs.uploadSarif && inputs.commands.includes('verify')) {
    await attempt('Code scanning did not take the report', log, async () =>
      uploadSarif(api, await readFile(path.join(folder, 'lockseal.sarif'), 'utf8')),
    );
  }
  if (!inputs.comment || trigger.kind !== 'pull-request') return;
  if (trigger.isFork) {
    annotate(log, 'notice', 'No comment on a pull request from a fork: its token cannot write. See the step summary.');
    return;
  }
  await attempt('The comment could not be written', log, () => comment(api, trigger.number, markdown));
}

/** As many parts as a comment takes. */
function fitting(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .reduce((whole, part) => {
      const next = whole === '' ? part : `${whole}\n${part}`;
      return next.length <= MAX_COMMENT ? next : `${whole}\nThe rest is in the summary of the run.\n`;
    }, '');
}

async function attempt(what: string, log: Log, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    annotate(log, 'warning', `${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}
