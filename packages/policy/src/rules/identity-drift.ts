import type { Identity } from '@lockseal/core';
import { choices, option } from '../options.ts';
import { historyOf, isOpen, isUnchanged } from './history.ts';
import { defineRule, type Opinion, type Rule, type Subject } from './rule.ts';

const FIELDS = ['issuer', 'repository', 'owner', 'workflow', 'ref', 'trigger', 'runnerEnvironment'] as const;
type Field = (typeof FIELDS)[number];

interface Options {
  readonly fields: readonly Field[];
}

/** Both identities are verified. Which of them is right, only a person can say. */
export const identityDrift: Rule = defineRule<Options>({
  name: 'identity-drift',
  describe: 'A version is built by the identity that built the version before it.',
  codes: ['identity-drift'],
  isOnByDefault: false,
  needsHistory: true,
  options: {
    fields: option(
      choices(...FIELDS),
      ['issuer', 'repository', 'owner', 'workflow', 'ref', 'runnerEnvironment'],
      'What must stay; repository and owner are compared by their numeric ids.',
    ),
  },
  judge: (options) => (subject) => judge(options, subject),
});

function judge({ fields }: Options, subject: Subject): readonly Opinion[] {
  const { provenance } = subject.evidence.checks;
  if (provenance.status !== 'verified' || isUnchanged(subject) || isPinned(subject)) return [];
  const history = historyOf(subject, 'identity-drift');
  if (history === undefined) return [];
  if (isOpen(history)) return [history];
  const { previous } = history;
  if (previous === undefined || previous.provenance.status !== 'verified') return [];
  const before = previous.provenance.identity;
  const moved = fields.filter((field) => traitOf(before, field) !== traitOf(provenance.identity, field));
  if (moved.length === 0) return [];
  return [
    {
      code: 'identity-drift',
      expected: moved.map((field) => `${field} ${shownTrait(before, field)}`).join(', '),
      found: moved.map((field) => `${field} ${shownTrait(provenance.identity, field)}`).join(', '),
      detail: `Compared with ${previous.version} (${previous.relation === 'locked' ? 'locked before' : 'the one before in its line'}).`,
    },
  ];
}

/** A pin says what is right; the rule `identity` holds the package to it. */
function isPinned({ entry, facts }: Subject): boolean {
  return facts.pinsOf(entry.name, entry.version).length > 0;
}

/** Names can be given up and registered by others; numeric ids cannot. */
function traitOf(identity: Identity, field: Field): string | undefined {
  switch (field) {
    case 'repository':
      return identity.repositoryId ?? identity.repository;
    case 'owner':
      return identity.ownerId;
    case 'ref':
      return identity.ref?.startsWith('refs/tags/') ? 'refs/tags/*' : identity.ref;
    case 'issuer':
    case 'workflow':
    case 'trigger':
    case 'runnerEnvironment':
      return identity[field];
  }
}

function shownTrait(identity: Identity, field: Field): string {
  const trait = traitOf(identity, field) ?? '(none)';
  return field === 'repository' && identity.repository !== undefined && trait !== identity.repository
    ? `${identity.repository} (id ${trait})`
    : trait;
}
