// The central attacks, made on a fresh lockfile with nothing but edits of its text. All of them want `evil` where the
// project asks for `leaf`.
import assert from 'node:assert/strict';
import type { Family } from './managers.ts';

export type AttackName = 'substituted artifact' | 'forged edge' | 'removed integrity';

/** What an attacker knows of a published package. */
export interface Artifact {
  readonly url: string;
  /** `sha512-…` of the tarball. */
  readonly integrity: string;
  /** Lower-case hex sha1 of the tarball. */
  readonly shasum: string;
  /** Yarn Berry's, as Yarn itself computes it; '' for the other managers. */
  readonly checksum: string;
}

export interface Materials {
  readonly leaf: Artifact;
  readonly evil: Artifact;
}

export type Attack = (text: string, materials: Materials) => string;

/** An error of one of these codes, about one of these packages, means that the attack was named. */
export const NAMED_BY: Readonly<
  Record<AttackName, { readonly codes: readonly string[]; readonly about: readonly string[] }>
> = {
  'substituted artifact': { codes: ['integrity-mismatch', 'url-mismatch', 'name-mismatch'], about: ['leaf', 'parent'] },
  'forged edge': { codes: ['edge-forged'], about: ['parent'] },
  'removed integrity': { codes: ['integrity-missing', 'checksum-missing'], about: ['leaf'] },
};

export function attacksOn(family: Family): Readonly<Record<AttackName, Attack>> {
  return ATTACKS[family];
}

const ATTACKS: Readonly<Record<Family, Readonly<Record<AttackName, Attack>>>> = {
  npm: {
    'substituted artifact': editJson((lock, { evil }) => {
      Object.assign(npmEntry(lock, 'leaf'), { resolved: evil.url, integrity: evil.integrity });
    }),
    'forged edge': editJson((lock, { evil }) => {
      Object.assign(npmEntry(lock, 'leaf'), { name: 'evil', resolved: evil.url, integrity: evil.integrity });
      Object.assign(npmEntry(lock, 'parent'), { dependencies: { leaf: 'npm:evil@1.0.0' } });
    }),
    'removed integrity': editJson((lock) => {
      delete npmEntry(lock, 'leaf')['integrity'];
    }),
  },
  pnpm: {
    'substituted artifact': (text, { leaf, evil }) =>
      edit(text, [[`{integrity: ${leaf.integrity}}`, `{integrity: ${evil.integrity}, tarball: ${evil.url}}`]]),
    'forged edge': (text, { leaf, evil }) =>
      edit(text, [
        [leaf.integrity, evil.integrity],
        ['\n  leaf@1.0.0:\n', '\n  evil@1.0.0:\n'],
        ['\n      leaf: 1.0.0\n', '\n      leaf: evil@1.0.0\n'],
        ['\n  leaf@1.0.0: {}\n', '\n  evil@1.0.0: {}\n'],
      ]),
    'removed integrity': (text, { leaf }) => edit(text, [[`{integrity: ${leaf.integrity}}`, `{tarball: ${leaf.url}}`]]),
  },
  'yarn-classic': {
    'substituted artifact': (text, { leaf, evil }) => edit(text, yarnClassicArtifact(leaf, evil)),
    'forged edge': (text, { leaf, evil }) =>
      edit(text, [
        ...yarnClassicArtifact(leaf, evil),
        ['\nleaf@^1.0.0:\n', '\n"leaf@npm:evil@1.0.0":\n'],
        ['\n    leaf "^1.0.0"\n', '\n    leaf "npm:evil@1.0.0"\n'],
      ]),
    'removed integrity': (text, { leaf }) =>
      edit(text, [
        [`  integrity ${leaf.integrity}\n`, ''],
        [`${leaf.url}#${leaf.shasum}`, leaf.url],
      ]),
  },
  'yarn-berry': {
    'substituted artifact': (text, { leaf, evil }) => edit(text, yarnBerryArtifact(leaf, evil)),
    'forged edge': (text, { leaf, evil }) =>
      edit(text, [
        ...yarnBerryArtifact(leaf, evil),
        ['\n"leaf@npm:^1.0.0":\n', '\n"leaf@npm:evil@1.0.0":\n'],
        ['\n    leaf: "npm:^1.0.0"\n', '\n    leaf: "npm:evil@1.0.0"\n'],
      ]),
    'removed integrity': (text, { leaf }) => edit(text, [[`  checksum: ${leaf.checksum}\n`, '']]),
  },
  bun: {
    'substituted artifact': (text, { leaf, evil }) =>
      edit(text, [
        [`"${leaf.url}"`, `"${evil.url}"`],
        [leaf.integrity, evil.integrity],
      ]),
    'forged edge': (text, { leaf, evil }) =>
      edit(text, [
        ['["leaf@1.0.0"', '["evil@1.0.0"'],
        [`"${leaf.url}"`, `"${evil.url}"`],
        [leaf.integrity, evil.integrity],
        ['"leaf": "^1.0.0"', '"leaf": "npm:evil@1.0.0"'],
      ]),
    'removed integrity': (text, { leaf }) => edit(text, [[leaf.integrity, '']]),
  },
  deno: {
    'substituted artifact': editJson((lock, { evil }) => {
      Object.assign(member(member(lock, 'npm'), 'leaf@1.0.0'), { integrity: evil.integrity, tarball: evil.url });
    }),
    'forged edge': editJson((lock, { evil }) => {
      const packages = member(lock, 'npm');
      delete packages['leaf@1.0.0'];
      packages['evil@1.0.0'] = { integrity: evil.integrity, tarball: evil.url };
      member(packages, 'parent@1.0.0')['dependencies'] = ['leaf@npm:evil@1.0.0'];
    }),
    'removed integrity': editJson((lock) => {
      delete member(member(lock, 'npm'), 'leaf@1.0.0')['integrity'];
    }),
  },
  vlt: {
    'substituted artifact': (text, { leaf, evil }) =>
      edit(text, [[`"leaf","${leaf.integrity}"]`, `"leaf","${evil.integrity}","${evil.url}"]`]]),
    'forged edge': (text, { leaf, evil }) =>
      edit(text, [
        [`~leaf@1.0.0": [0,"leaf","${leaf.integrity}"]`, `~evil@1.0.0": [0,"evil","${evil.integrity}"]`],
        [/ leaf": "prod \^1\.0\.0 (\S+)~leaf@1\.0\.0"/, ' leaf": "prod npm:evil@1.0.0 $1~evil@1.0.0"'],
      ]),
    'removed integrity': (text, { leaf }) => edit(text, [[`"leaf","${leaf.integrity}"]`, '"leaf"]']]),
  },
};

type Replacement = readonly [from: string | RegExp, to: string];
type Json = Record<string, unknown>;

function yarnClassicArtifact(leaf: Artifact, evil: Artifact): readonly Replacement[] {
  return [
    [`${leaf.url}#${leaf.shasum}`, `${evil.url}#${evil.shasum}`],
    [leaf.integrity, evil.integrity],
  ];
}

function yarnBerryArtifact(leaf: Artifact, evil: Artifact): readonly Replacement[] {
  return [
    ['resolution: "leaf@npm:1.0.0"', 'resolution: "evil@npm:1.0.0"'],
    [leaf.checksum, evil.checksum],
  ];
}

/** Each must change the text: an attack that does nothing would look as if everybody had withstood it. */
function edit(text: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((edited, [from, to]) => {
    const next = typeof from === 'string' ? edited.replace(from, () => to) : edited.replace(from, to);
    assert.notEqual(next, edited, `the lockfile has no ${from}`);
    return next;
  }, text);
}

function editJson(change: (lock: Json, materials: Materials) => void): Attack {
  return (text, materials) => {
    const lock = JSON.parse(text) as Json;
    change(lock, materials);
    return `${JSON.stringify(lock, null, 2)}\n`;
  };
}

function npmEntry(lock: Json, name: string): Json {
  return member(member(lock, 'packages'), `node_modules/${name}`);
}

function member(of: Json, name: string): Json {
  const found = of[name];
  assert.ok(typeof found === 'object' && found !== null, `the lockfile has no ${name}`);
  return found as Json;
}
