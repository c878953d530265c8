// Each format of `lockseal diff`: what it says of a rich comparison, and that no text in it is more than text.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { DESIGN_REASONS, TRUST_SIGNS } from '@lockseal/core';
import { ansiStyle, DIFF_FORMATS, renderDiff, renderDiffMarkdown, type DiffReport } from '@lockseal/report';
import { HOSTILE, MARK } from '../hostile.ts';
import { see, type Seen } from '../see-markdown.ts';
import { change, diffOf, hostileDiff, nothing, reportOf, rich } from './sample.ts';

const schema: { readonly $defs: Record<string, { readonly enum?: readonly string[] }> } & Record<string, unknown> =
  JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../schema/diff-v1.json'), 'utf8'));
const ajv = new Ajv2020({ strict: true, allErrors: true });
const isValid = ajv.compile(schema);
const UNSHOWN = /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]/u;

describe('what each format says', () => {
  for (const [name, report] of Object.entries({ rich, nothing })) {
    for (const format of DIFF_FORMATS) {
      test(`${name}, ${format}`, (t) => {
        const text = renderDiff(report, format);
        assert.equal(renderDiff(structuredClone(report), format), text, 'same report, same bytes');
        const file = path.join(import.meta.dirname, 'golden', `${name}.${format}.txt`);
        t.assert.fileSnapshot(text, file, { serializers: [String] });
      });
    }
  }

  test('the gravest comes first in each', () => {
    for (const format of DIFF_FORMATS) {
      const text = renderDiff(rich, format);
      assert.ok(text.indexOf('event-tools') < text.indexOf('tiny-net'), format);
    }
  });

  test('what could not be decided is told, with its reason', () => {
    for (const format of DIFF_FORMATS) assert.match(renderDiff(rich, format), /no answer within 30 s/, format);
  });

  const scripts: readonly (readonly [why: string, before: string, after: string, shown: string])[] = [
    ['words', 'node a.js', 'node b.js', 'node [-a-]{+b+}.js'],
    ['marks in the script itself', 'echo {+x+}', 'echo y', '[-echo {+x+}-] {+echo y+}'],
    ['a line break is shown, not made', 'a', 'a\nb', 'a{+<U+000A>b+}'],
  ];
  for (const [why, before, after, shown] of scripts) {
    test(`the difference of a script: ${why}`, () => {
      const one = change('a', { signs: [{ sign: 'script-changed' }], scripts: [{ name: 'install', before, after }] });
      assert.ok(renderDiff(reportOf(diffOf([one])), 'human').includes(`install: ${shown}`));
    });
  }

  test('a terminal is told of the gravest hundred changes; the rest is counted', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      change(`p${index}`, { signs: [{ sign: 'package-added' }] }),
    );
    const text = renderDiff(reportOf(diffOf(many)), 'human');
    assert.match(text, /^and 2900 more \(use --verbose or --json\)$/m);
    assert.doesNotMatch(renderDiff(reportOf(diffOf(many)), 'human', { verbose: true }), / more \(use/);
  });

  test('a script too long to compare is cut, before and after', () => {
    const long = (letter: string): string => letter.repeat(100_000);
    const one = change('a', {
      signs: [{ sign: 'script-changed' }],
      scripts: [{ name: 'install', before: long('a'), after: long('b') }],
    });
    assert.ok(renderDiff(reportOf(diffOf([one])), 'human').length < 5000);
  });
});

describe('JSON', () => {
  for (const [name, report] of Object.entries({ rich, nothing, hostile: hostileDiff('x') })) {
    test(`${name} is valid`, () => {
      const value: unknown = JSON.parse(renderDiff(report, 'json'));
      assert.ok(isValid(value), ajv.errorsText(isValid.errors));
    });
  }

  test('the schema knows every sign and every reason', () => {
    assert.deepEqual(schema.$defs['sign']?.enum, Object.keys(TRUST_SIGNS));
    assert.ok(JSON.stringify(schema).includes(JSON.stringify(Object.keys(DESIGN_REASONS))));
  });

  for (const [why, text] of HOSTILE) {
    test(`keeps a hostile text, and shows nothing of it: ${why}`, () => {
      const json = renderDiff(hostileDiff(text), 'json');
      assert.doesNotMatch(json, UNSHOWN);
      const value: { after: { origin: string }; changes: { name: string }[] } = JSON.parse(json);
      assert.deepEqual([value.after.origin, value.changes[0]?.name], [text, text]);
    });
  }
});

describe('hostile text on a terminal', () => {
  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const plain = renderDiff(hostileDiff(text), 'human', { verbose: true });
      assert.doesNotMatch(plain, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|^\s*::|##\[/mu);
      const painted = renderDiff(hostileDiff(text), 'human', { verbose: true, style: ansiStyle(false) });
      // oxlint-disable-next-line no-control-regex
      assert.equal(painted.replaceAll(/\u001B\[[\d;]*m/g, ''), plain, 'no escape but our own');
    });
  }
});

const OURS = new Set('h3 h4 blockquote p ul li code details summary'.split(' '));

function assertInert(report: DiffReport): Seen {
  const markdown = renderDiffMarkdown(report);
  const seen = see(markdown);
  const foreign = [...seen.elements].filter((name) => !OURS.has(name));
  assert.deepEqual(foreign, [], markdown.slice(0, 3000));
  assert.deepEqual([...seen.attributes], []);
  assert.doesNotMatch(seen.bare, /[@#$`<>[\]{}*_~\\]|:\/\/|www\.|\b[0-9a-f]{7,}\b|::/, markdown.slice(0, 3000));
  assert.doesNotMatch(markdown, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|^::|##\[/mu);
  assert.ok(Buffer.byteLength(markdown) <= 65_536);
  return seen;
}

describe('hostile text in Markdown', () => {
  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const { code } = assertInert(hostileDiff(text));
      if (text.includes(MARK)) assert.ok(code.some((span) => span.includes(MARK)));
    });
  }

  test('of any kind', () => {
    const bits = ['`', '``', '\\', '|', '\n', '@a', '#1', '[a](b)', '<b>', '</details>', '*', '_', '$', ' ', 'x', '- '];
    const text = fc.oneof(
      fc.array(fc.constantFrom(...bits), { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (any) => void assertInert(hostileDiff(any))),
      { numRuns: 25 },
    );
  });

  test('never over 65,536 bytes, and what does not fit is counted', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      ...hostileDiff('漢'.repeat(500)).diff.changes[0],
      name: `p${index}`,
    }));
    const report = reportOf({ ...rich.diff, changes: many as DiffReport['diff']['changes'] });
    assertInert(report);
    assert.match(renderDiffMarkdown(report), /\d+ more did not fit/);
  });
});

describe('hostile text in GitHub annotations', () => {
  const shape = (report: DiffReport): readonly string[] =>
    renderDiff(report, 'github')
      .split('\n')
      .map((line) => /^::(\w+)(?: file=[^,:]*,line=\d+,col=\d+,title=[^,:]*)?::/.exec(line)?.[1] ?? 'log');
  const harmless = shape(hostileDiff('harmless'));

  for (const [why, text] of HOSTILE) {
    test(why, () => {
      assert.deepEqual(shape(hostileDiff(text)), harmless);
      assert.doesNotMatch(renderDiff(hostileDiff(text), 'github'), /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|##\[/u);
    });
  }

  test('what fails the run is an error; what is grave or undecided warns; the rest is a notice', () => {
    const kinds = (failOn: readonly string[]): readonly string[] => shape({ ...rich, warnings: [], failOn });
    assert.deepEqual(kinds(['grave']), ['error', 'warning', 'notice', 'log', 'log']);
    assert.deepEqual(kinds([]), ['warning', 'warning', 'notice', 'log', 'log']);
    assert.deepEqual(kinds(['package-added']), ['error', 'warning', 'warning', 'log', 'log']);
  });
});
