import type { ApprovedScripts, ScriptOutcome } from './model.ts';
import { runPackage, type RunInput } from './run-package.ts';

/**
 * Runs approved scripts one package after the other, in the order given. Where one fails that the project cannot do
 * without, those after it are skipped: they may build on it.
 * @param run runs those of one package; a test gives its own
 */
export async function runScripts(
  approved: readonly ApprovedScripts[],
  input: RunInput,
  run: typeof runPackage = runPackage,
): Promise<readonly ScriptOutcome[]> {
  const outcomes: ScriptOutcome[] = [];
  let isOver = false;
  for (const scripted of approved) {
    const outcome: ScriptOutcome = isOver ? skipped(scripted) : await run(scripted, input);
    outcomes.push(outcome);
    isOver ||= input.signal.aborted || (outcome.result.status === 'failed' && !scripted.isOptional);
  }
  return outcomes;
}

function skipped(scripted: ApprovedScripts): ScriptOutcome {
  return { package: scripted, result: { status: 'skipped' }, writable: [], refusedHosts: [], unset: [] };
}
