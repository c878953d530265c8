import type { Policy } from '@lockseal/policy';
import { INCIDENTS } from './catalogue.ts';
import { replayIncident, type Replay } from './replay-incident.ts';

/** A table of all known incidents: which the policy would have stopped, by which rule, and which it would not. */
export async function replayAll(policy: Policy): Promise<string> {
  const replays: Replay[] = [];
  for (const incident of INCIDENTS) replays.push(await replayIncident(incident, policy));
  const stopped = replays.filter(({ errors }) => errors.length > 0);
  const alarms = replays.filter((replay) => replay.alarms.length > 0);
  return [
    ...replays.toSorted((a, b) => (a.incident.date < b.incident.date ? -1 : 1)).map(row),
    `\nStopped ${stopped.length} of ${replays.length}.`,
    alarms.length === 0
      ? ' Nothing was said against the state before.\n'
      : ` Against the state before: ${alarms.map(alarmText).join('; ')}.\n`,
  ].join('');
}

function row({ incident, errors, warnings, later }: Replay): string {
  const head = `${incident.date}  ${errors.length > 0 ? 'stopped' : 'PASSED '}  ${incident.name}\n`;
  return head + [`    ${incident.story}\n`, ...outcome(incident.hours ?? 2, { errors, warnings, later })].join('');
}

function outcome(hours: number, { errors, warnings, later }: Pick<Replay, 'errors' | 'warnings' | 'later'>): string[] {
  const when = hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
  return [
    ...(errors.length === 0 ? [] : [`    after ${when}: ${errors.join(', ')}\n`]),
    ...(warnings.length === 0 ? [] : [`    only warned: ${warnings.join(', ')}\n`]),
    ...(errors.length + warnings.length === 0 ? ['    no rule of this policy says anything\n'] : []),
    ...(errors.length > 0
      ? [`    30 days later: ${later.length === 0 ? 'no longer stopped' : later.join(', ')}\n`]
      : []),
  ];
}

function alarmText({ incident, alarms }: Replay): string {
  return `${incident.name} (${alarms.join(', ')})`;
}
