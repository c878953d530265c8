// Links in the docs lead to files that are there and to headings that they have.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { docPages } from './support/doc-blocks.ts';

const root = path.dirname(import.meta.dirname);
const pages = [...docPages(), 'ARCHITECTURE.md', 'SECURITY.md'];

function readText(page: string): string {
  // Code holds no links.
  return fs.readFileSync(path.join(root, page), 'utf8').replaceAll(/^( *)(`{3,})[^]*?^\1\2$/gm, '');
}

/** As GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const headings = [...readText(page).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

describe('links in the docs', () => {
  for (const page of pages) {
    test(page, () => {
      const links = [...readText(page).matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]*))?\)/g)];
      for (const [whole, file = '', anchor] of links) {
        const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
        assert.ok(fs.existsSync(path.join(root, target)), `${page}: ${whole} leads nowhere`);
        if (anchor !== undefined && target.endsWith('.md')) {
          assert.ok(anchorsOf(target).has(anchor), `${page}: ${target} has no heading for ${whole}`);
        }
      }
    });
  }

  test('every page of docs is reached from the README', () => {
    const readme = readText('README.md');
    const missing = fs
      .readdirSync(path.join(root, 'docs'))
      .filter((name) => name.endsWith('.md') && !readme.includes(`(docs/${name})`));
    assert.deepEqual(missing, []);
  });
});
