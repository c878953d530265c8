/** A labelled text of a statement. Untrusted. */
export type Row = readonly [label: string, text: string];

/** What an in-toto statement is about: `name` and its digests, one row a subject. */
export function subjectRows(statement: unknown): Row[] {
  const subjects = at(statement, ['subject']);
  if (!Array.isArray(subjects)) return [];
  return subjects.map((subject: unknown): Row => {
    const digests = entriesOf(at(subject, ['digest'])).map(
      ([algorithm, value]) => `${algorithm}:${textOf(value) ?? '?'}`,
    );
    return ['subject', [textOf(at(subject, ['name'])) ?? '(no name)', ...digests].join(' ')];
  });
}

/** Predicate type, and of the predicates that lockseal knows what a reader wants to see. */
export function predicateRows(statement: unknown): Row[] {
  const type = textOf(at(statement, ['predicateType']));
  const predicate = at(statement, ['predicate']);
  return [['predicate', type ?? '(none)'], ...pick(predicate, HIGHLIGHTS.get(type ?? '') ?? [])];
}

type Highlight = readonly [label: string, ...path: readonly (string | number)[]];

/** https://slsa.dev/spec/v1.0/provenance */
const SLSA_V1: readonly Highlight[] = [
  ['build type', 'buildDefinition', 'buildType'],
  ['source', 'buildDefinition', 'externalParameters', 'workflow', 'repository'],
  ['ref', 'buildDefinition', 'externalParameters', 'workflow', 'ref'],
  ['commit', 'buildDefinition', 'resolvedDependencies', 0, 'digest', 'gitCommit'],
  ['workflow', 'buildDefinition', 'externalParameters', 'workflow', 'path'],
  ['trigger', 'buildDefinition', 'internalParameters', 'github', 'event_name'],
  ['builder', 'runDetails', 'builder', 'id'],
  ['run', 'runDetails', 'metadata', 'invocationId'],
];

/** https://slsa.dev/spec/v0.2/provenance */
const SLSA_V02: readonly Highlight[] = [
  ['build type', 'buildType'],
  ['source', 'invocation', 'configSource', 'uri'],
  ['ref', 'invocation', 'environment', 'GITHUB_REF'],
  ['commit', 'invocation', 'configSource', 'digest', 'sha1'],
  ['workflow', 'invocation', 'configSource', 'entryPoint'],
  ['trigger', 'invocation', 'environment', 'GITHUB_EVENT_NAME'],
  ['builder', 'builder', 'id'],
  ['run', 'metadata', 'buildInvocationId'],
];

/** https://github.com/npm/attestation/tree/main/specs/publish/v0.1 */
const NPM_PUBLISH: readonly Highlight[] = [
  ['package', 'name'],
  ['version', 'version'],
  ['registry', 'registry'],
];

const HIGHLIGHTS: ReadonlyMap<string, readonly Highlight[]> = new Map([
  ['https://slsa.dev/provenance/v1', SLSA_V1],
  ['https://slsa.dev/provenance/v0.2', SLSA_V02],
  ['https://github.com/npm/attestation/tree/main/specs/publish/v0.1', NPM_PUBLISH],
]);

function pick(predicate: unknown, highlights: readonly Highlight[]): Row[] {
  return highlights.flatMap(([label, ...path]): Row[] => {
    const text = textOf(at(predicate, path));
    return text === undefined ? [] : [[label, text]];
  });
}

/** Own members only: the statement is anyone's JSON. */
function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? new Map(entriesOf(found)).get(String(key)) : undefined,
    value,
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
