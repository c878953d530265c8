import { FINDING_CODES, toSpec, type Finding, type FindingCode, type Level } from '@lockseal/core';
import type { HeldScripts, ScriptedPackage, ScriptOutcome } from './model.ts';

/** One finding for each package whose scripts were not run, with the entry that would approve them. */
export function heldFindings(held: readonly HeldScripts[]): readonly Finding[] {
  return held.map((each) => {
    const { why, isOptional } = each;
    // What is approved and cannot run is no less a failure than what ran and failed.
    const code = why === 'zipped' ? 'script-failed' : 'script-held';
    const level = why === 'zipped' && isOptional ? 'note' : FINDING_CODES[code].level;
    return { ...about(each, code), level, found: foundText(each), detail: WHY[why], fix: fixOf(each) };
  });
}

function fixOf(held: HeldScripts): string {
  switch (held.why) {
    case 'prepare':
      return PREPARE_FIX;
    case 'zipped':
      return `Add "dependenciesMeta": {"${held.name}": {"unplugged": true}} to package.json, lock anew (\`yarn install\`), and approve that.`;
    case 'unlisted':
    case 'changed':
      return `Read it; to run it from now on, add ${approvalEntry(held)} under rules.install-scripts.allow.`;
  }
}

const WHY: Readonly<Record<HeldScripts['why'], string>> = {
  unlisted: 'The policy lists no install script of this package.',
  changed: 'The policy lists install scripts of this package, and these are others.',
  zipped: "It is approved, and could not run: Yarn's Plug'n'Play left the package in a zip, where no script can write.",
  prepare: 'Preparing a git dependency needs its development dependencies; it is used as it was committed.',
};

const PREPARE_FIX = 'Depend on a published version, or on a commit that holds what it would make.';

/** One finding for each package whose scripts failed; those that were skipped for it are counted in its detail. */
export function failedFindings(outcomes: readonly ScriptOutcome[]): readonly Finding[] {
  const skipped = outcomes.filter(({ result }) => result.status === 'skipped').length;
  return outcomes.flatMap((outcome): Finding[] => {
    const { package: scripted, result } = outcome;
    if (result.status !== 'failed') return [];
    const level: Level = scripted.isOptional ? 'note' : FINDING_CODES['script-failed'].level;
    const fix = FINDING_CODES['script-failed'].fix;
    return [
      { ...about(scripted, 'script-failed'), level, found: result.reason, detail: detailOf(outcome, skipped), fix },
    ];
  });
}

/**
 * One finding for each package whose scripts ended well, and asked for hosts that they may not reach. A warning: they did
 * without, and nothing came of it but that somebody should look at them.
 */
export function refusedFindings(outcomes: readonly ScriptOutcome[]): readonly Finding[] {
  return outcomes.flatMap(({ package: scripted, result, refusedHosts }): Finding[] => {
    if (result.status !== 'done' || refusedHosts.length === 0) return [];
    const detail = 'Its install script asked for hosts that the policy does not grant it, and was not let through.';
    const fix = 'Find out what for; then grant them under `network` of its entry, or lock another version.';
    return [{ ...about(scripted, 'gate-refused'), level: 'warn', found: refusedHosts.join(', '), detail, fix }];
  });
}

function detailOf({ package: { isOptional }, refusedHosts }: ScriptOutcome, skipped: number): string | undefined {
  const sentences = [
    ...(refusedHosts.length === 0 ? [] : [`It was not let through to ${refusedHosts.join(', ')}.`]),
    ...(isOptional ? ['The project can do without it: it is an optional dependency.'] : []),
    ...(isOptional || skipped === 0
      ? []
      : [`Of ${skipped === 1 ? 'one package' : `${skipped} packages`} after it no script was run.`]),
  ];
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

/** The element of `rules.install-scripts.allow` that approves these scripts, in YAML's short form. */
export function approvalEntry({ name, version, commit, scripts }: ScriptedPackage): string {
  const pin = commit === undefined ? `sha256: ${scripts.sha256 ?? ''}` : `commit: ${commit}`;
  return `{package: "${commit === undefined ? toSpec(name, version ?? '*') : name}", ${pin}}`;
}

function foundText({ scripts: { names, sha256 } }: HeldScripts): string {
  return sha256 === undefined ? names.join(', ') : `${names.join(', ')}: sha256 ${sha256}`;
}

function about(
  { entry, name, version, path }: ScriptedPackage,
  code: FindingCode,
): Omit<Finding, 'level' | 'found' | 'detail' | 'fix'> {
  return {
    code,
    subject: version === undefined ? name : toSpec(name, version),
    entry,
    path,
    position: undefined,
    dependency: undefined,
    expected: undefined,
  };
}
