/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The HTML report in a real Chromium: `npm run test:browser`. Not part of `npm test`, since it needs a browser; it looks
// for one where Linux distributions put it, or takes LOCKSEAL_CHROMIUM.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { Evidence } from '@lockseal/core';
import { renderHtml, type Report } from '@lockseal/report';
import { evidenceOf, locked, verificationOf } from '../../../../test/support/verification.ts';
import { HOSTILE, hostileReport } from '../hostile.ts';
import { rich } from '../sample.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const program = process.env['LOCKSEAL_CHROMIUM'] ?? places.find((file) => fs.existsSync(file));
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let folder: string;
let browser: Browser | undefined;
before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-browser-'));
  // Chromium's own sandbox does not start for the superuser, which containers often are.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  if (program !== undefined && fs.existsSync(program))
    browser = await chromium.launch({ executablePath: program, args });
});
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** Milliseconds from navigation until the table shows its rows. */
  readonly opened: number;
  /** Whatever went wrong in the page, and whatever it asked the network for. */
  readonly trouble: string[];
}

/** Opens the report; undefined where there is no browser, which is a failure in continuous integration. */
async function open(t: TestContext, report: Report, options: BrowserContextOptions = {}): Promise<Opened | undefined> {
  if (browser === undefined) {
    assert.equal(process.env['LOCKSEAL_CI'], undefined, 'needs Chromium');
    t.skip('needs Chromium');
    return undefined;
  }
  const file = path.join(folder, 'report.html');
  fs.writeFileSync(file, renderHtml(report));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  t.after(() => context.close());
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const trouble: string[] = [];
  const address = pathToFileURL(file).href;
  page.on('request', (request) => request.url() !== address && trouble.push(`request: ${request.url().slice(0, 100)}`));
  page.on('console', (message) => trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const started = performance.now();
  await page.goto(address);
  if (report.verification.evidence.length > 0) await page.waitForSelector('#row-0');
  return { page, opened: performance.now() - started, trouble };
}

const grades = ['proven', 'signed', 'unsigned', 'unprovable'] as const;

function large(number: number): Report {
  const evidence = Array.from({ length: number }, (_, index): Evidence => {
    const grade = grades[index % grades.length] ?? 'signed';
    return evidenceOf(locked(`package-${index}`, `1.${index % 50}.0`), {
      grade,
      class: index % 7 === 0 ? 'git' : 'registry',
    });
  });
  return { ...rich, verification: verificationOf([...rich.verification.evidence, ...evidence]) };
}

const shownNames = (page: Page): Promise<string[]> => page.locator('#rows .name').allTextContents();
const activeName = (page: Page): Promise<string | null> => page.locator('#rows .active .name').textContent();
const count = (page: Page): Promise<string | null> => page.locator('#count').textContent();

describe('search and filters', () => {
  const filters: readonly (readonly [id: string, value: string, count: string, first: string])[] = [
    ['choose-grade', 'proven', '1 of 10', 'express@4.21.2'],
    ['choose-grade', 'contradicted', '1 of 10', 'debug@2.6.9'],
    ['choose-kind', 'registry', '10 of 10', 'debug@2.6.9'],
    ['choose-level', 'undecided', '1 of 10', 'ms@2.0.0'],
    ['choose-level', 'note', '7 of 10', 'old-1@0.0.0'],
    ['choose-level', 'none', '1 of 10', 'express@4.21.2'],
  ];
  for (const [id, value, number, first] of filters) {
    test(`${id} ${value}`, async (t) => {
      const opened = await open(t, rich);
      if (opened === undefined) return;
      await opened.page.selectOption(`#${id}`, value);
      assert.equal(await count(opened.page), `${number} entries`);
      assert.equal((await shownNames(opened.page))[0], first);
    });
  }

  test('a search narrows to names and entries, in any case, as it is typed', async (t) => {
    const opened = await open(t, large(10_000));
    if (opened === undefined) return;
    const { page } = opened;
    await page.locator('#search').pressSequentially('PACKAGE-999');
    assert.equal(await count(page), '11 of 10010 entries');
    await page.fill('#search', 'node_modules/debug');
    assert.deepEqual(await shownNames(page), ['debug@2.6.9']);
    await page.fill('#search', 'nothing of that name');
    assert.deepEqual([await count(page), await shownNames(page)], ['0 of 10010 entries', []]);
    await page.fill('#search', '');
    assert.equal(await count(page), '10010 of 10010 entries');
  });
});

describe('keyboard', () => {
  test('tab leads to the table; its keys move, Enter shows a package, Escape leads back', async (t) => {
    const opened = await open(t, rich);
    if (opened === undefined) return;
    const { page, trouble } = opened;
    await page.focus('#choose-level');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'packages');
    const keys = [
      ['ArrowDown', 'ms@2.0.0'],
      ['ArrowUp', 'debug@2.6.9'],
      ['ArrowUp', 'debug@2.6.9'],
      ['End', 'express@4.21.2'],
      ['ArrowDown', 'express@4.21.2'],
      ['Home', 'debug@2.6.9'],
    ] as const;
    for (const [key, name] of keys) {
      await page.keyboard.press(key);
      assert.equal(await activeName(page), name, key);
      const active = page.locator(`#${await page.getAttribute('#packages', 'aria-activedescendant')}`);
      assert.equal(await active.getAttribute('aria-selected'), 'true', key);
    }
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'part-name');
    assert.equal(await page.textContent('#part-name'), 'debug@2.6.9');
    assert.match((await page.textContent('#part-body')) ?? '', /edge-forged[\s\S]*Evidence[\s\S]*sha512/);
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'packages');
    assert.deepEqual(trouble, []);
  });

  test('the row that the keys lead to is in sight, wherever it is', async (t) => {
    const opened = await open(t, large(1000));
    if (opened === undefined) return;
    const { page } = opened;
    await page.focus('#packages');
    for (const key of ['PageDown', 'PageDown', 'End', 'PageUp', 'ArrowUp', 'Home']) {
      await page.keyboard.press(key);
      const inSight = await page.evaluate(() => {
        const row = document.querySelector('#rows .active')?.getBoundingClientRect();
        const grid = document.getElementById('packages')?.getBoundingClientRect();
        const head = document.querySelector('.head')?.getBoundingClientRect();
        if (row === undefined || grid === undefined || head === undefined) return 'missing';
        return row.top >= head.bottom - 1 && row.bottom <= grid.bottom + 1;
      });
      assert.equal(inSight, true, key);
    }
    assert.equal(await page.getAttribute('#packages', 'aria-rowcount'), '1011');
  });

  test('an address with a package shows it', async (t) => {
    const opened = await open(t, rich);
    if (opened === undefined) return;
    const { page } = opened;
    await page.click('#row-1');
    assert.match(page.url(), /#package-1$/);
    await page.reload();
    assert.equal(await page.textContent('#part-name'), 'ms@2.0.0');
  });
});

describe('10,000 packages', () => {
  test('open in under a second, keep few elements and scroll fluidly', async (t) => {
    const report = large(10_000);
    // The first page of a fresh browser pays for its start.
    await open(t, rich);
    const opened = await open(t, report);
    if (opened === undefined) return;
    const { page, trouble } = opened;
    t.diagnostic(`opened in ${Math.round(opened.opened)} ms`);
    assert.ok(opened.opened < 1000, `${opened.opened} ms`);
    const frames = await page.evaluate(async () => {
      const grid = document.getElementById('packages') as HTMLElement;
      const times: number[] = [];
      let most = 0;
      for (let step = 0; step < 120; step += 1) {
        const before = performance.now();
        grid.scrollTop += 2900;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        times.push((performance.now() - before) / 2);
        most = Math.max(most, document.querySelectorAll('#rows .row').length);
      }
      return { median: times.sort((a, b) => a - b)[60] ?? 0, most, top: grid.scrollTop };
    });
    t.diagnostic(`median frame ${frames.median.toFixed(1)} ms, ${frames.most} rows at most`);
    assert.ok(frames.top > 300_000);
    assert.ok(frames.most < 80);
    assert.ok(frames.median < 34, `${frames.median} ms a frame`);
    assert.ok((await shownNames(page)).length > 10);
    assert.deepEqual(trouble, []);
  });
});

describe('hostile text', () => {
  for (const [why, text] of HOSTILE) {
    test(why, async (t) => {
      const opened = await open(t, hostileReport(text));
      if (opened === undefined) return;
      const { page, trouble } = opened;
      await page.click('#row-0');
      await page.fill('#search', text.slice(0, 1000));
      assert.deepEqual(await page.locator('img, iframe, a, form, object, embed, main script, h1 ~ h1').all(), []);
      assert.deepEqual(trouble, []);
    });
  }

  test('script, style and markup that get in all the same are refused by the policy', async (t) => {
    const opened = await open(t, rich);
    if (opened === undefined) return;
    const outcome = await opened.page.evaluate(() => {
      const tried: Record<string, string> = {};
      const attempt = (name: string, action: () => unknown): void => {
        try {
          tried[name] = String(action());
        } catch (error) {
          tried[name] = (error as Error).name;
        }
      };
      attempt('innerHTML', () => (document.body.innerHTML = '<b>x</b>'));
      attempt('script', () => {
        const script = document.createElement('script');
        script.append('globalThis.ran = true');
        document.body.append(script);
        return 'ran' in globalThis;
      });
      return tried;
    });
    assert.deepEqual(outcome, { innerHTML: 'TypeError', script: 'false' });
  });
});

describe('accessibility', () => {
  const looks: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['a narrow window', { viewport: { width: 360, height: 740 } }],
    ['forced colours', { forcedColors: 'active' }],
  ];
  for (const [name, options] of looks) {
    test(`axe finds nothing to object to: ${name}`, async (t) => {
      const [finding = assert.fail()] = rich.findings;
      const report = { ...rich, findings: [...rich.findings, { ...finding, entry: undefined }] };
      // The page's own policy would keep axe out.
      const opened = await open(t, report, { ...options, bypassCSP: true });
      if (opened === undefined) return;
      const { page } = opened;
      await page.evaluate(axe);
      assert.deepEqual(await violations(page), []);
      await page.click('#row-0');
      await page.click('summary');
      assert.deepEqual(await violations(page), []);
    });
  }
});

async function violations(page: Page): Promise<string[]> {
  const found: unknown =
    await page.evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 150) + ' ' + failureSummary).join(' | ')))`);
  return found as string[];
}
