// Policies against real attacks: what each preset would have stopped, and by which rule.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { loadPolicy, PRESET_NAMES, type Policy } from '@lockseal/policy';
import { INCIDENTS } from '../packages/cli/src/policy/replay/catalogue.ts';
import type { Incident } from '../packages/cli/src/policy/replay/incident.ts';
import { replayIncident, type Replay } from '../packages/cli/src/policy/replay/replay-incident.ts';
import { sharedDir } from './support/shared.ts';

async function preset(name: string, rest = ''): Promise<Policy> {
  const source = { file: 'lockseal.yaml', text: `version: 1\nextends: ${name}\n${rest}` };
  const loaded = await loadPolicy(source, { now: Date.now(), read: async () => undefined });
  return loaded.status === 'ok' ? loaded.policy : assert.fail(JSON.stringify(loaded.problems));
}

/** What our coding of an incident calls a rule, where the rule has another name. */
const NAMES: Readonly<Record<string, string>> = { 'install-script': 'install-scripts' };

const replays = new Map<string, readonly Replay[]>();
before(async () => {
  for (const name of PRESET_NAMES) {
    const policy = await preset(name);
    replays.set(name, await Promise.all(INCIDENTS.map((incident) => replayIncident(incident, policy))));
  }
});
const unstopped = (name: string): number[] =>
  (replays.get(name) ?? []).filter(({ errors }) => errors.length === 0).map(({ incident }) => incident.id);

describe('incidents', () => {
  test('recommended stops all but the one that only a change of hands could show', () => {
    assert.deepEqual(unstopped('recommended'), [30]);
    const open = replays.get('recommended')?.find(({ incident }) => incident.id === 30);
    assert.deepEqual(open?.warnings, ['dormant-revived', 'publisher-change']);
  });

  test('strict stops all', () => assert.deepEqual(unstopped('strict'), []));

  test('baseline stops only what brings in a git dependency: it looks at no change', () => {
    const stopped = (replays.get('baseline') ?? []).filter(({ errors }) => errors.length > 0);
    assert.deepEqual(
      stopped.map(({ incident }) => incident.id),
      [27, 29],
    );
  });

  for (const name of PRESET_NAMES) {
    test(`${name} says nothing against the state before any of them`, () => {
      const alarms = (replays.get(name) ?? []).filter((replay) => replay.alarms.length > 0);
      assert.deepEqual(
        alarms.map(({ incident, alarms: rules }) => [incident.name, rules]),
        [],
      );
    });
  }

  test('nothing is reported that belongs to the staging', () => {
    const staged = new Set(['edge-forged', 'integrity', 'url-mismatch', 'lockfile-form', 'evidence', 'provenance']);
    for (const { incident, errors } of replays.get('strict') ?? []) {
      assert.deepEqual(
        errors.filter((rule) => staged.has(rule)),
        [],
        incident.name,
      );
    }
  });

  test('every rule that our coding of an incident names speaks up', (t) => {
    const shared = sharedDir(t);
    if (shared === undefined) return;
    const { incidents }: { incidents: { id: number; rules: string[] }[] } = JSON.parse(
      fs.readFileSync(path.join(shared, 'incidents/incidents.json'), 'utf8'),
    );
    assert.deepEqual(
      INCIDENTS.map(({ id }) => id).toSorted((a, b) => a - b),
      incidents.map(({ id }) => id),
    );
    const silent = incidents.flatMap(({ id, rules }) => {
      const { errors = [], warnings = [] } =
        (replays.get('strict') ?? []).find(({ incident }) => incident.id === id) ?? {};
      const spoke = new Set([...errors, ...warnings]);
      const missing = rules.map((rule) => NAMES[rule] ?? rule).filter((rule) => !spoke.has(rule));
      return missing.map((rule) => `${id} ${rule}`);
    });
    assert.deepEqual(
      silent.filter((each) => !EXPLAINED.has(each)),
      [],
    );
  });
});

/** Rules that our coding names and that do not speak up here, each for a reason. */
const EXPLAINED: ReadonlySet<string> = new Set<string>([
  // The new dependency is in git, where no registry tells its age: exotic-dependency speaks instead.
  '27 young-new-dependency',
]);

/** A line that never had provenance gains a dependency that is a day old. */
const axios: Incident = {
  id: 1000,
  date: '2026-03-30',
  name: 'axios 0.30.4',
  story: 'Stolen publishing rights; the old release line, which never had provenance.',
  releases: [
    { spec: 'axios@0.30.3', day: -60, by: 'jason' },
    { spec: 'axios@1.13.5', day: -50, by: 'jason', from: true },
    { spec: 'axios@0.30.4', day: 0, by: 'jason', deps: { 'plain-crypto-js': '4.2.1' } },
    { spec: 'plain-crypto-js@4.2.1', day: -1, by: 'stranger' },
  ],
  before: { axios: '0.30.3' },
  after: { axios: '0.30.4' },
  hours: 100,
};

describe('release lines', () => {
  test('an old line without provenance is caught by its new dependency, and not for want of provenance', async () => {
    const { errors } = await replayIncident(axios, await preset('recommended'));
    assert.deepEqual(errors, ['young-new-dependency']);
  });

  test('a line that had provenance is held to it, whatever other lines do', async () => {
    const releases = axios.releases.map((each) =>
      each.spec === 'axios@0.30.3' ? { ...each, from: true as const } : each,
    );
    const { errors } = await replayIncident({ ...axios, releases }, await preset('recommended'));
    assert.deepEqual(errors, ['provenance-downgrade', 'young-new-dependency']);
  });

  test('a maintainer who never used provenance is left alone', async () => {
    const quiet: Incident = {
      ...axios,
      releases: [
        { spec: 'tool@1.0.0', day: -60 },
        { spec: 'tool@1.0.1', day: 0 },
      ],
      before: { tool: '1.0.0' },
      after: { tool: '1.0.1' },
    };
    const { errors, warnings } = await replayIncident(
      quiet,
      await preset('strict', 'rules: {release-age: {minAge: P1D}}'),
    );
    assert.deepEqual([errors, warnings], [[], []]);
  });
});
