// The page as bytes; test/browser/html.browser.ts opens it in Chromium.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import vm from 'node:vm';
import { parse, type DefaultTreeAdapterMap } from 'parse5';
import { renderHtml, type Report } from '@lockseal/report';
import { evidenceOf, locked, verificationOf } from '../../../test/support/verification.ts';
import { HOSTILE, hostileReport, MARK } from './hostile.ts';
import { empty, good, rich, undecided } from './sample.ts';

type Element = DefaultTreeAdapterMap['element'];

function elementsOf(html: string): Element[] {
  const found: Element[] = [];
  const walk = (node: DefaultTreeAdapterMap['node']): void => {
    if ('tagName' in node) found.push(node);
    if ('childNodes' in node) node.childNodes.forEach(walk);
  };
  walk(parse(html));
  return found;
}

function textOf(element: Element | undefined): string {
  const [child] = element?.childNodes ?? [];
  return child !== undefined && 'value' in child ? child.value : '';
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((one) => one.name === name)?.value;
}

interface Package {
  readonly name: string;
  readonly level: string;
  readonly facts: readonly number[];
}

function dataOf(report: Report): {
  texts: string[];
  packages: Package[];
  items: { code: string }[];
  general: number[];
} {
  const island = elementsOf(renderHtml(report)).find((one) => attribute(one, 'id') === 'data');
  return JSON.parse(textOf(island));
}

function factsOf(report: Report, place: number = 0): Map<string, string> {
  const { texts, packages } = dataOf(report);
  const facts = packages[place]?.facts ?? [];
  return new Map(
    facts.flatMap((label, at) => (at % 2 === 0 ? [[texts[label] ?? '', texts[facts[at + 1] ?? -1] ?? '']] : [])),
  );
}

describe('the page', () => {
  const html = renderHtml(rich);
  const elements = elementsOf(html);
  const scripts = elements.filter(({ tagName }) => tagName === 'script');

  for (const [name, report] of Object.entries({ rich, good, undecided, empty })) {
    test(`of ${name} is the same bytes each time`, () => {
      assert.equal(renderHtml(structuredClone(report)), renderHtml(report));
    });
  }

  test('its policy names the one script and the one style, and allows nothing else', () => {
    const [policy] = elements.filter((one) => attribute(one, 'http-equiv') === 'Content-Security-Policy');
    assert.ok(policy !== undefined);
    const hash = (tag: string): string => {
      const texts = elements.filter((one) => one.tagName === tag && attribute(one, 'type') === undefined).map(textOf);
      assert.equal(texts.length, 1);
      return `'sha256-${createHash('sha256')
        .update(texts[0] ?? '')
        .digest('base64')}'`;
    };
    assert.equal(
      attribute(policy, 'content'),
      `default-src 'none'; script-src ${hash('script')}; style-src ${hash('style')}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
    );
    const head = elements.find(({ tagName }) => tagName === 'head');
    const places = head?.childNodes
      .filter((node) => 'tagName' in node)
      .map((node) => ('tagName' in node ? node.tagName : ''));
    assert.deepEqual(places?.slice(0, 2), ['meta', 'meta'], 'the policy precedes whatever it rules');
  });

  test('nothing in it names another file, an inline handler or an inline style', () => {
    for (const { tagName, attrs } of elements) {
      for (const { name } of attrs)
        assert.doesNotMatch(name, /^(?:on|src|href|style|action|formaction|srcset)/, tagName);
    }
    assert.doesNotMatch(html, /url\(|@import/);
  });

  test('its script is plain JavaScript', () => {
    const [script = ''] = scripts.filter((one) => attribute(one, 'type') === undefined).map(textOf);
    assert.doesNotThrow(() => new vm.Script(script));
    assert.doesNotMatch(script, /<!--|<\/?script|innerHTML|insertAdjacent|document\.write|\beval\b/i);
  });

  test('its script has every function that its source has', () => {
    const source = fs.readFileSync(path.join(import.meta.dirname, '../src/html/client.ts'), 'utf8');
    const names = Array.from(source.matchAll(/^function (\w+)/gm), ([, name = '']) => name);
    assert.ok(names.length > 10);
    for (const name of names) assert.match(html, new RegExp(`function ${name}\\s*\\(`));
  });

  test('every package is there, the worst first', () => {
    const { packages } = dataOf(rich);
    assert.deepEqual(packages.map(({ name, level }) => [name, level]).slice(0, 3), [
      ['debug@2.6.9', 'error'],
      ['ms@2.0.0', 'undecided'],
      ['old-1@0.0.0', 'note'],
    ]);
    assert.equal(packages.length, 10);
    assert.deepEqual(packages.at(-1)?.name, 'express@4.21.2');
  });

  test('a package has its evidence and identity, and its path where the caller knows it', () => {
    const located = { position: { line: 20, column: 5 }, path: ['.', 'express@4.21.2'] };
    const facts = factsOf({ ...good, locate: () => located });
    assert.equal(facts.get('path'), '. > express@4.21.2');
    assert.equal(facts.get('place'), 'package-lock.json:20:5');
    assert.equal(facts.get('repository'), 'https://github.com/example/tool (id 1001, owner 2002)');
    assert.match(facts.get('provenance') ?? '', /^verified: signed 2026-10-01/);
    assert.equal(factsOf(good).has('path'), false);
  });

  test('a finding about no entry is about the lockfile', () => {
    const [finding = assert.fail()] = rich.findings;
    const { general, items } = dataOf({ ...good, findings: [{ ...finding, entry: undefined }] });
    assert.deepEqual(
      general.map((index) => items[index]?.code),
      ['edge-forged'],
    );
  });

  test('10,000 packages take less than 10 MB', () => {
    const evidence = Array.from({ length: 10_000 }, (_, index) => evidenceOf(locked(`package-${index}`, '1.0.0')));
    const bytes = Buffer.byteLength(renderHtml({ ...good, verification: verificationOf(evidence) }));
    assert.ok(bytes < 10_000_000, `${bytes} bytes`);
  });
});

describe('hostile text in the page', () => {
  const shape = (report: Report): string[] =>
    elementsOf(renderHtml(report)).map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '));
  const harmless = shape(hostileReport('harmless'));

  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const html = renderHtml(hostileReport(text));
      assert.deepEqual(shape(hostileReport(text)), harmless);
      assert.doesNotMatch(html, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]/u);
      const { texts } = dataOf(hostileReport(text));
      if (text.includes(MARK)) assert.ok(texts.some((one) => one.includes(MARK)));
    });
  }
});
