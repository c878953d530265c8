import path from 'node:path';
import { LocksealError } from '@lockseal/core';
import { expiredWaivers, type Policy, type Problem } from '@lockseal/policy';
import { sanitize } from '@lockseal/report';
import { decodePolicyOptions } from '../approval/load-policy.ts';
import { gitRoot } from '../approval/git.ts';
import { textOption, type RawArgs } from '../args.ts';
import { EXIT } from '../exit-codes.ts';
import type { Console } from '../io/console.ts';
import { findPolicy } from '../policy/find-policy.ts';
import { loadFrom } from '../policy/open-policy.ts';

/** `lockseal policy check [file]`: every mistake in a policy, each with its place and what to write instead. */
export async function checkPolicy(raw: RawArgs, console: Console): Promise<number> {
  const given = textOption(raw, 'file');
  const options = decodePolicyOptions(raw, console);
  if (given !== undefined && options.file !== undefined) {
    throw new LocksealError('ERR_USAGE', 'The policy is named twice.', { hint: 'Leave out --policy.' });
  }
  const file = given === undefined ? options.file : path.resolve(console.cwd, given);
  const root = (await gitRoot(file === undefined ? console.cwd : path.dirname(file))) ?? console.cwd;
  const tree = { root, ref: options.ref };
  const source = await findPolicy({ ...options, file }, tree);
  if (source === undefined) {
    const hint = 'Make one with `lockseal policy init`.';
    throw new LocksealError('ERR_CONFIG', 'There is no policy to check.', {
      file: root,
      expected: 'lockseal.yaml',
      hint,
    });
  }
  const loaded = await loadFrom(source, tree, console);
  const problems = loaded.status === 'ok' ? expiredWaivers(loaded.policy, console.now()) : loaded.problems;
  if (loaded.status === 'ok' && problems.length === 0) {
    console.stdout.write(summary(loaded.policy));
    return EXIT.good;
  }
  console.stdout.write(problems.map(problemText).join('') + countText(problems.length, source.file));
  return EXIT.usage;
}

function problemText({ file, position, code, message, hint }: Problem): string {
  const place = `${sanitize(file)}:${position.line}:${position.column}`;
  const advice = hint === undefined ? '' : `    ${sanitize(hint, 1000)}\n`;
  return `${place}  ${code}\n    ${sanitize(message, 1000)}\n${advice}`;
}

function countText(count: number, file: string): string {
  return `\n${sanitize(file)} is refused: ${count === 1 ? '1 mistake' : `${count} mistakes`}.\n`;
}

function summary({ name, sha256, rules, custom, identities, waivers }: Policy): string {
  const next = waivers.map(({ expires }) => expires).toSorted()[0];
  const parts = [
    `${rules.size} rules set`,
    `${custom.length} custom`,
    `${identities.length} pinned`,
    `${waivers.length} waived${next === undefined ? '' : ` (the first until ${next.slice(0, 10)})`}`,
  ];
  return `${sanitize(name)} is good: ${parts.join(', ')}\nsha256:${sha256 ?? ''}\n`;
}
