import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderMarkdown, type Report } from '@lockseal/report';
import { HOSTILE, hostileReport, MARK } from './hostile.ts';
import { empty, good, rich, undecided } from './sample.ts';
import { see, type Seen } from './see-markdown.ts';

const OURS = new Set('h3 h4 blockquote p table thead tbody tr th td ul li code br details summary'.split(' '));

function assertInert(report: Report): Seen {
  const markdown = renderMarkdown(report);
  const seen = see(markdown);
  assert.deepEqual(
    [...seen.elements].filter((name) => !OURS.has(name)),
    [],
    markdown.slice(0, 3000),
  );
  assert.deepEqual(
    [...seen.attributes].filter((name) => name !== 'align'),
    [],
  );
  assert.doesNotMatch(seen.bare, /[@#$`<>[\]{}*_~\\]|:\/\/|www\.|\b[0-9a-f]{7,}\b|::/, markdown.slice(0, 3000));
  assert.doesNotMatch(markdown, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|^::|##\[/mu);
  assert.ok(Buffer.byteLength(markdown) <= 65_536);
  return seen;
}

describe('Markdown', () => {
  for (const [name, report] of Object.entries({ rich, good, undecided, empty })) {
    test(name, (t) => {
      assertInert(report);
      const file = path.join(import.meta.dirname, 'golden', `${name}.md.txt`);
      t.assert.fileSnapshot(renderMarkdown(report), file, { serializers: [String] });
    });
  }

  test('errors are in sight and come first, the rest is folded', () => {
    const markdown = renderMarkdown(rich);
    const order = ['#### 2 errors', 'edge-forged', '<summary>1 undecided', '<summary>1 warning', '<summary>7 notes'];
    const places = order.map((text) => markdown.indexOf(text));
    assert.ok(!places.includes(-1));
    assert.deepEqual(
      places.toSorted((a, b) => a - b),
      places,
    );
  });

  test('undecided entries are in sight when they are the verdict', () => {
    assert.match(renderMarkdown(undecided), /^#### 1 undecided$/m);
  });

  const [finding = assert.fail()] = rich.findings;
  const sizes: readonly (readonly [why: string, report: Report])[] = [
    ['many errors', { ...rich, findings: Array.from({ length: 5000 }, () => finding) }],
    [
      'many of everything',
      { ...rich, findings: rich.findings.flatMap((one) => Array.from({ length: 900 }, () => one)) },
    ],
    [
      'letters of several bytes',
      { ...rich, findings: Array.from({ length: 900 }, () => ({ ...finding, found: '漢'.repeat(500) })) },
    ],
    ['many warnings', { ...rich, warnings: Array.from({ length: 5000 }, () => 'w'.repeat(1000)) }],
  ];
  for (const [why, report] of sizes) {
    test(`never over 65,536 bytes: ${why}`, () => {
      const { elements } = assertInert(report);
      assert.ok(elements.has('details'));
      const markdown = renderMarkdown(report);
      assert.equal(markdown.match(/<details>/g)?.length, markdown.match(/<\/details>/g)?.length);
    });
  }

  test('what does not fit is counted: nothing is left out in silence', () => {
    const markdown = renderMarkdown({ ...rich, findings: Array.from({ length: 5000 }, () => finding) });
    const shown = markdown.match(/^- `edge-forged`/gm)?.length ?? 0;
    const rest = Number(/(\d+) more did not fit/.exec(markdown)?.[1]);
    assert.equal(shown + rest, 5000);
    assert.ok(shown > 50);
  });

  test('one bloated finding does not hide the others', () => {
    const bloated = { ...finding, subject: 'x'.repeat(1e6), path: Array.from({ length: 1e4 }, () => 'p'.repeat(1e3)) };
    const markdown = renderMarkdown({
      ...rich,
      findings: [...Array.from({ length: 9 }, () => bloated), ...rich.findings],
    });
    assert.match(markdown, /integrity-mismatch` `debug@2\.6\.9/);
  });
});

describe('hostile text in Markdown', () => {
  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const { code } = assertInert(hostileReport(text));
      if (text.includes(MARK)) assert.ok(code.some((span) => span.includes(MARK)));
    });
  }

  test('of any kind', () => {
    const bits = ['`', '``', '\\', '|', '\n', '@a', '#1', '[a](b)', '<b>', '</details>', '*', '_', '$', ' ', 'x', '- '];
    const text = fc.oneof(
      fc.array(fc.constantFrom(...bits), { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(fc.property(text, (any) => void assertInert(hostileReport(any))));
  });
});
