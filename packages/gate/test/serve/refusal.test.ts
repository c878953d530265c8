import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ledger, type NewRefusal } from '../../src/serve/refusal.ts';
import { artifactOf } from '../support/gate.ts';

const artifact = artifactOf('ms@2.1.3', Buffer.from('ms'));
const refused = (subject: string): NewRefusal => {
  return { kind: 'finding', code: 'gate-refused', level: 'error', asked: `GET /${subject}`, subject, detail: 'No.' };
};
const undecided: NewRefusal = {
  kind: 'undecided',
  code: 'ERR_TIMEOUT',
  asked: 'GET /ms',
  subject: 'ms',
  detail: 'Late.',
  artifact,
};

describe('the ledger', () => {
  test('tells of each refusal once, and counts it', () => {
    const told: unknown[] = [];
    let now = 5;
    const ledger = new Ledger(
      () => now++,
      's3cret',
      (refusal) => void told.push(refusal.subject),
    );
    for (const subject of ['a', 'b', 'a']) ledger.refuse(refused(subject));
    assert.deepEqual(told, ['a', 'b']);
    assert.deepEqual(
      ledger.refusals.map(({ subject, at, times }) => [subject, at, times]),
      [
        ['a', 5, 2],
        ['b', 6, 1],
      ],
    );
  });

  test('lists a thousand, and counts the rest: what runs behind the gate can ask for more', () => {
    const ledger = new Ledger(() => 0, 's3cret');
    for (let index = 0; index < 1010; index++) ledger.refuse(refused(`p${index}`));
    ledger.refuse(refused('p0'));
    assert.equal(ledger.refusals.length, 1000);
    assert.equal(ledger.unlisted, 10);
    assert.equal(ledger.refusals[0]?.times, 2);
  });

  test('loses no finding among notes, nor among what could not be had', () => {
    const ledger = new Ledger(() => 0, 's3cret');
    const note = { level: 'note' } as const;
    for (let index = 0; index < 999; index++) ledger.refuse({ ...refused(`p${index}`), ...note } as NewRefusal);
    ledger.refuse(undecided);
    ledger.refuse({ ...undecided, detail: 'Later.' });
    for (let index = 0; index < 1000; index++) ledger.refuse(refused(`evil${index}`));
    assert.equal(ledger.refusals.length, 1000);
    assert.equal(ledger.unlisted, 1001);
    assert.ok(ledger.refusals.every(({ subject }) => subject.startsWith('evil')));
    ledger.refuse(undecided);
    ledger.refuse(refused('one more'));
    assert.equal(ledger.unlisted, 1003, 'nothing that is listed weighs less');
    assert.ok(ledger.refusals.every(({ subject }) => subject.startsWith('evil')));
  });

  test('tells no secret, wherever a client wrote it', () => {
    const ledger = new Ledger(() => 0, 's3cret');
    ledger.refuse({ ...refused('s3cret'), detail: 'No s3cret, nor xs3crets.' });
    assert.equal(JSON.stringify(ledger.refusals).includes('s3cret'), false);
  });

  test('keeps no text of any length', () => {
    const ledger = new Ledger(() => 0, 's3cret');
    ledger.refuse(refused('x'.repeat(100_000)));
    assert.ok(JSON.stringify(ledger.refusals).length < 2000);
  });

  test('forgets that an artifact could not be had once it went out whole, and nothing else', () => {
    const ledger = new Ledger(() => 0, 's3cret');
    const mismatch: NewRefusal = {
      ...refused('ms'),
      kind: 'finding',
      code: 'tarball-mismatch',
      level: 'error',
      artifact,
    };
    for (const each of [undecided, mismatch, { ...undecided, detail: 'Other.', artifact: { ...artifact } }])
      ledger.refuse(each);
    ledger.tarball(artifact, 'store', 2);
    assert.deepEqual(
      ledger.refusals.map(({ code, detail }) => [code, detail]),
      [
        ['tarball-mismatch', 'No.'],
        ['ERR_TIMEOUT', 'Other.'],
      ],
    );
    assert.deepEqual(ledger.counts, { tarballs: 1, fromStore: 1, bytes: 2, documents: 0, tunnels: 0 });
  });
});
