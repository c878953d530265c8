import type { Learned } from './learn.ts';

/** A policy file with comments, for people to read and change. */
export function writePolicy({ registries, scripts, identities, waivers }: Learned): string {
  return `# yaml-language-server: $schema=https://lockseal.dev/schema/policy/v1
# What this project accepts in its lockfile: see docs/policy.md of lockseal.
# In CI take it from a protected branch: lockseal verify --policy-ref=origin/main --base=origin/main
version: 1

# baseline: what is locked is what was published. recommended: beside that nothing fresh, nothing that runs unasked.
# strict: every change that a person should look at is an error.
extends: recommended

# Where packages may come from.
registries:${list(registries.map((url) => `  - ${quote(url)}`))}

rules:
  # Most bad versions are found within days. Your own packages need not wait: except: ["@your-scope/*"]
  release-age: {level: error, minAge: P3D}
  # Code that may run at install time, by the digest of its text: a changed script needs a new look.
  install-scripts:
    level: error
    allow:${list(
      scripts.flatMap(({ package: name, names, pinnedBy, digest }) => [
        `      # ${names.join(', ')}`,
        `      - {package: ${quote(name)}, ${pinnedBy}: ${quote(digest)}}`,
      ]),
    )}

# By whom packages must be built, as verified when this file was made. Numeric ids survive renaming, and cannot be
# taken over with a name.
identities:${identities.length === 0 ? ' {}' : `\n${identities.map(identityText).join('\n')}`}

# Exceptions end by themselves.
waivers:${list(
    waivers.map(
      ({ package: name, rule, reason, expires }) =>
        `  - {package: ${quote(name)}, rule: ${rule}, reason: ${quote(reason)}, who: policy init, expires: ${quote(expires)}}`,
    ),
  )}
`;
}

function identityText({ package: name, identity }: Learned['identities'][number]): string {
  const { issuer, repository, repositoryId, ownerId } = identity;
  const members = Object.entries({ issuer, repository, repositoryId, ownerId }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${quote(value)}`],
  );
  return `  ${quote(name)}: {${members.join(', ')}}`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? ' []' : `\n${lines.join('\n')}`;
}

/** JSON's quoting is YAML's, too; what needs none is easier to read without. */
function quote(text: string): string {
  return /^[a-z][a-z0-9-]*$/i.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
