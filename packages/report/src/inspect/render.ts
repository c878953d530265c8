import type { Identity } from '@lockseal/core';
import { identityJson } from '../json/identity.ts';
import { jsonText, type JsonInput } from '../json/text.ts';
import { hanging } from '../layout.ts';
import { ORIGINS } from '../origins.ts';
import { sanitize } from '../sanitize.ts';
import { plainStyle, type Style } from '../style.ts';
import type { InspectedAttestation, Signer } from './model.ts';
import { predicateRows, subjectRows, type Row } from './statement.ts';

/** Names the shape; schema/attestation-v1.json defines it. */
export const ATTESTATION_SCHEMA = 'https://lockseal.dev/schema/attestation/v1';

const MAX_TEXT = 500;
const MAX_SUBJECTS = 20;

export interface InspectOptions {
  readonly style: Style;
  readonly columns: number;
}

/** Whether it verified first of all, then who signed what, when, and how that was checked. */
export function renderAttestation(attestation: InspectedAttestation, given: Partial<InspectOptions> = {}): string {
  const options = { style: plainStyle(), columns: 80, ...given };
  const { source, digest, check, signer, signedAt, timeSource, logIndex, statement } = attestation;
  const claimed = check.status === 'verified' ? '' : ' (claimed)';
  const subjects = subjectRows(statement);
  const more = subjects.length - MAX_SUBJECTS;
  const when = signedAt === undefined ? 'unknown' : `${signedAt}${sourceText(timeSource)}`;
  const lines = [
    ...statusLines(attestation, options),
    ...section(`signed by${claimed}`, signerRows(signer), options),
    ...section(`signed when${claimed}`, [['time', when], ...rowOf('log index', logIndex)], options),
    ...section(`says about${claimed}`, [...subjects.slice(0, MAX_SUBJECTS), ...andMore(more)], options),
    ...section(`says${claimed}`, predicateRows(statement), options),
    ...section('bundle', [['from', source], ...rowOf('sha256', digest)], options),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same for programs, one document on one line; the statement whole and unchanged. */
export function renderAttestationJson(attestation: InspectedAttestation): string {
  const { source, digest, check, signer, signedAt, timeSource, logIndex, statement } = attestation;
  const document: JsonInput = {
    schema: ATTESTATION_SCHEMA,
    source,
    digest,
    check:
      check.status === 'verified'
        ? { status: check.status, checked: check.checked }
        : { status: check.status, code: check.code, reason: check.reason },
    signer: signerJson(signer),
    signedAt,
    timeSource,
    logIndex,
    statement: (statement ?? null) as JsonInput,
  };
  return jsonText(document, 0);
}

function statusLines({ check }: InspectedAttestation, { style, columns }: InspectOptions): string[] {
  if (check.status === 'verified') {
    return [
      style.paint('good', `${style.signs.good} VERIFIED`),
      ...check.checked.flatMap((step) => hanging('  ', sanitize(step, MAX_TEXT), columns)),
    ];
  }
  const code = check.code === undefined ? '' : `${check.code}: `;
  const lines = hanging('  ', `${code}${sanitize(check.reason, MAX_TEXT)}`, columns);
  const warning = hanging('  ', 'Anyone can have written what follows.', columns);
  return [style.paint('error', `${style.signs.error} UNVERIFIED`), ...lines, ...warning];
}

function section(heading: string, rows: readonly Row[], { style, columns }: InspectOptions): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.flatMap(([label, text]) =>
    hanging(`  ${label.padEnd(width)}  `, sanitize(text, MAX_TEXT), columns),
  );
  return ['', style.paint('heading', heading), ...lines];
}

const IDENTITY_LABELS: readonly (readonly [label: string, member: keyof Identity])[] = [
  ['identity', 'san'],
  ['issuer', 'issuer'],
  ['repository', 'repository'],
  ['repository id', 'repositoryId'],
  ['owner id', 'ownerId'],
  ['workflow', 'workflow'],
  ['ref', 'ref'],
  ['commit', 'commit'],
  ['trigger', 'trigger'],
  ['runner', 'runnerEnvironment'],
  ['run', 'runUrl'],
  ['visibility', 'visibility'],
];

function signerRows(signer: Signer): Row[] {
  switch (signer.type) {
    case 'identity':
      return IDENTITY_LABELS.flatMap(([label, member]) => rowOf(label, signer.identity[member]));
    case 'key':
      return [['key', signer.keyid], ...rowOf('trusted', signer.origin && ORIGINS[signer.origin])];
    case 'unknown':
      return [['signer', 'unknown']];
  }
}

function signerJson(signer: Signer): JsonInput {
  switch (signer.type) {
    case 'identity':
      return { type: signer.type, identity: identityJson(signer.identity) };
    case 'key':
      return { type: signer.type, keyid: signer.keyid, origin: signer.origin };
    case 'unknown':
      return { type: signer.type };
  }
}

function rowOf(label: string, text: string | undefined): Row[] {
  return text === undefined ? [] : [[label, text]];
}

function andMore(more: number): Row[] {
  return more > 0 ? [['', `and ${more} more (use --json)`]] : [];
}

function sourceText(source: InspectedAttestation['timeSource']): string {
  switch (source) {
    case 'log':
      return ' by the transparency log';
    case 'timestamp':
      return ' by a timestamp authority';
    case undefined:
      return '';
  }
}
