import { FINDING_CODES, isExactVersion, isPackageName, type FindingCode, type Identity } from '@lockseal/core';
import type { PolicyNode } from '../document/policy-node.ts';
import type { Problem } from '../document/problem.ts';
import { readDocument } from '../document/read-document.ts';
import { sha256 } from '../options.ts';
import type { CaseFacts, PolicyCase } from './case.ts';

const DIGEST = 'a'.repeat(64);
const MAX_DAYS = 36_500;
const IDENTITY_MEMBERS = [
  'issuer',
  'san',
  'repository',
  'repositoryId',
  'ownerId',
  'workflow',
  'ref',
  'commit',
  'trigger',
  'runnerEnvironment',
] as const satisfies readonly (keyof Identity)[];
const FACTS = [
  'name',
  'version',
  'class',
  'registry',
  'direct',
  'kind',
  'license',
  'publisher',
  'deprecated',
  'scripts',
  'scriptsSha256',
  'signature',
  'provenance',
  'ageDays',
  'observations',
  'change',
  'packageAgeDays',
  'silentDays',
  'earlierPublishers',
  'previousVersion',
  'previousProvenance',
] as const satisfies readonly (keyof CaseFacts)[];

export type ReadCases =
  | { readonly status: 'ok'; readonly cases: readonly PolicyCase[] }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] };

/** Reads a file of cases: `cases:`, each with a name, `package:` with facts, and the findings to `expect:`. */
export function readCases(text: string, file: string): ReadCases {
  const { root, problems } = readDocument(text, file);
  const listed = root.known('cases').get('cases');
  if (listed === undefined && problems.length === 0)
    root.report('missing-key', 'has no `cases`', 'Begin it with `cases:`.');
  const cases = (listed?.list() ?? []).flatMap((node) => readCase(node) ?? []);
  return problems.length === 0 ? { status: 'ok', cases } : { status: 'invalid', problems };
}

function readCase(node: PolicyNode): PolicyCase | undefined {
  const members = node.known('name', 'package', 'expect');
  const [name, facts, expect] = ['name', 'package', 'expect'].map((key) => members.get(key));
  if (name === undefined || facts === undefined || expect === undefined) {
    return node.report('missing-key', 'needs `name`, `package` and `expect`', 'Write `expect: []` for no finding.');
  }
  const expected = expect.texts().map(({ text }) => text);
  return {
    name: name.text() ?? '',
    position: node.position,
    facts: readFacts(facts),
    expect: [...new Set(expected)].toSorted(),
  };
}

function readFacts(node: PolicyNode): CaseFacts {
  const members = node.known(...FACTS);
  const text = (key: (typeof FACTS)[number]): string | undefined => members.get(key)?.text();
  const days = (key: (typeof FACTS)[number]): number | undefined => members.get(key)?.number(0, MAX_DAYS);
  const flag = (key: (typeof FACTS)[number]): boolean | undefined => members.get(key)?.flag();
  const texts = (key: (typeof FACTS)[number]): string[] | undefined =>
    members
      .get(key)
      ?.texts()
      .map((each) => each.text);
  const digest = members.get('scriptsSha256');
  return {
    name: readName(members.get('name')) ?? 'example',
    version: readVersion(members.get('version')) ?? '1.0.0',
    class: members.get('class')?.choice('registry', 'git', 'tarball') ?? 'registry',
    registry: text('registry') ?? 'https://registry.npmjs.org/',
    direct: flag('direct') ?? false,
    kind: members.get('kind')?.choice('prod', 'optional', 'dev', 'none') ?? 'prod',
    license: text('license'),
    publisher: text('publisher') ?? 'maintainer',
    deprecated: text('deprecated'),
    scripts: texts('scripts') ?? [],
    scriptsSha256: (digest && sha256(digest)) ?? DIGEST,
    signature: flag('signature') ?? true,
    provenance: readIdentity(members.get('provenance')),
    ageDays: days('ageDays') ?? 365,
    observations: readCodes(members.get('observations')),
    change: members.get('change')?.choice('unchanged', 'changed', 'added'),
    packageAgeDays: days('packageAgeDays') ?? 1000,
    silentDays: days('silentDays') ?? 30,
    earlierPublishers: texts('earlierPublishers') ?? ['maintainer'],
    previousVersion: text('previousVersion'),
    previousProvenance: readIdentity(members.get('previousProvenance')),
  };
}

function readName(node: PolicyNode | undefined): string | undefined {
  const name = node?.text();
  if (node === undefined || name === undefined || isPackageName(name)) return name;
  return node.report('bad-value', `is no package name: ${JSON.stringify(name)}`);
}

function readVersion(node: PolicyNode | undefined): string | undefined {
  const version = node?.text();
  if (node === undefined || version === undefined || isExactVersion(version)) return version;
  return node.report('bad-value', `is no exact version: ${JSON.stringify(version)}`);
}

/** `true` is any identity; a table gives its members. */
function readIdentity(node: PolicyNode | undefined): Partial<Identity> | undefined {
  if (node === undefined) return undefined;
  if (!node.isMap) return node.flag() === true ? {} : undefined;
  const members = node.known(...IDENTITY_MEMBERS);
  return Object.fromEntries([...members].flatMap(([key, value]) => [[key, value.text()]]));
}

function readCodes(node: PolicyNode | undefined): readonly FindingCode[] {
  return (node?.texts() ?? []).flatMap(({ text, node: item }) =>
    isFindingCode(text) ? [text] : (item.report('bad-value', `is no finding: ${JSON.stringify(text)}`) ?? []),
  );
}

function isFindingCode(text: string): text is FindingCode {
  return Object.hasOwn(FINDING_CODES, text);
}
