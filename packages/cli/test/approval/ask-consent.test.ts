import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askConsent } from '../../src/approval/ask-consent.ts';
import type { Console } from '../../src/io/console.ts';

function asking(ask: Console['ask']): Console {
  const stream = { write: () => true };
  const signal = new AbortController().signal;
  return { cwd: '/', env: {}, home: '/', stdout: stream, stderr: stream, now: () => 0, signal, ask };
}

const answering = (text: string): Console => asking(async () => text);
const nobody = asking(() => assert.fail('nobody is to be asked'));

describe('consent', () => {
  for (const answer of ['y', 'Y', 'yes', 'YES', ' y ']) {
    test(`is given by ${JSON.stringify(answer)}`, () => askConsent('Approve?', false, answering(answer)));
  }

  for (const answer of ['', 'n', 'no', 'yep', 'y y', 'да', 'yes please']) {
    test(`is not given by ${JSON.stringify(answer)}`, () =>
      assert.rejects(askConsent('Approve?', false, answering(answer)), { code: 'ERR_INTERRUPTED' }));
  }

  test('is not given by whoever presses Ctrl-C or Ctrl-D instead', () => {
    const aborted = Object.assign(new Error('Aborted with Ctrl+D'), { name: 'AbortError' });
    const console = asking(() => Promise.reject(aborted));
    return assert.rejects(askConsent('Approve?', false, console), { code: 'ERR_INTERRUPTED' });
  });

  test('is taken as given with --yes, and nobody is asked', () => askConsent('Approve?', true, nobody));

  test('cannot be had where nobody is at a terminal', () =>
    assert.rejects(askConsent('Approve?', false, asking(undefined)), { code: 'ERR_USAGE' }));

  test('hides no other fault', () => {
    const console = asking(() => Promise.reject(new TypeError('a fault')));
    return assert.rejects(askConsent('Approve?', false, console), TypeError);
  });
});
