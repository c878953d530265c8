// The tricks on the formats for terminals and programs; the other formats have them in their own tests.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ansiStyle, renderHuman, renderJson, renderReport, REPORT_FORMATS } from '@lockseal/report';
import { HOSTILE, hostileReport } from './hostile.ts';

describe('hostile text on a terminal', () => {
  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const plain = renderHuman(hostileReport(text), { verbose: true });
      assert.doesNotMatch(plain, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|^\s*::|##\[/mu);
      const painted = renderHuman(hostileReport(text), { verbose: true, style: ansiStyle(false) });
      // oxlint-disable-next-line no-control-regex
      assert.equal(painted.replaceAll(/\u001B\[[\d;]*m/g, ''), plain, 'no escape but our own');
    });
  }
});

describe('hostile text in JSON', () => {
  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const json = renderJson(hostileReport(text));
      assert.doesNotMatch(json, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]/u);
      const value: { lockfile: { path: string }; findings: { subject: string }[] } = JSON.parse(json);
      assert.deepEqual([value.lockfile.path, value.findings[0]?.subject], [text, text]);
    });
  }
});

describe('every format', () => {
  for (const format of REPORT_FORMATS) {
    test(`${format} does not grow with a hostile text, unless it keeps texts whole`, () => {
      const size = renderReport(hostileReport('x'.repeat(1_000_000)), format).length;
      assert.ok(format === 'json' ? size > 1_000_000 : size < 100_000, `${size}`);
    });
  }
});
