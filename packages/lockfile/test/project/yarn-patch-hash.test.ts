import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { yarnPatchHash } from '../../src/project/yarn-patch-hash.ts';

const PATCH = `diff --git a/index.js b/index.js
--- a/index.js
+++ b/index.js
@@ -160,3 +160,4 @@
   var isPlural = msAbs >= n * 1.5;
   return Math.round(ms / n) + ' ' + name + (isPlural ? 's' : '');
 }
+// patched
`;

describe('yarnPatchHash', () => {
  test('is what Yarn 4.18 wrote for this patch', () => assert.equal(yarnPatchHash([PATCH], '2.1.3'), 'c956ca'));

  const same: readonly (readonly [why: string, text: string])[] = [
    ['CRLF, since Git may convert line ends', PATCH.replaceAll('\n', '\r\n')],
    ['no line end at the end', PATCH.slice(0, -1)],
    ['prose before the first file', `Explains.\n${PATCH}`],
  ];
  for (const [why, text] of same)
    test(`does not change with ${why}`, () => assert.equal(yarnPatchHash([text], '2.1.3'), 'c956ca'));

  const other: readonly (readonly [why: string, text: string])[] = [
    ['another insertion', PATCH.replace('// patched', '// evil')],
    ['another context', PATCH.replace('1.5', '1.6')],
    ['another place', PATCH.replace('-160,3 +160,4', '-161,3 +161,4')],
    ['another file', PATCH.replaceAll('index.js', 'other.js')],
    ['no newline at the end of the file', `${PATCH}\\ No newline at end of file\n`],
    ['a mode', PATCH.replace('---', 'old mode 100644\nnew mode 100755\n---')],
    ['a rename', PATCH.replace('---', 'rename from index.js\nrename to x.js\n---')],
    ['a deletion', PATCH.replace('---', 'deleted file mode 100644\n---')],
    ['a creation', PATCH.replace('---', 'new file mode 100644\n---')],
    ['a second file', PATCH + PATCH.replaceAll('index.js', 'x.js')],
    ['a hash of the blob', PATCH.replace('---', 'index 123..456 100644\n---')],
  ];
  for (const [why, text] of other) {
    test(`changes with ${why}`, () => {
      const found = yarnPatchHash([text], '2.1.3');
      assert.match(found ?? '', /^[0-9a-f]{6}$/);
      assert.notEqual(found, 'c956ca');
    });
  }

  test('an effect limited to other versions counts for nothing', () => {
    const limited = `${PATCH}diff --git a/x.js b/x.js\nsemver exclusivity >=3\n--- a/x.js\n+++ b/x.js\n@@ -1,1 +1,1 @@\n-a\n+b\n`;
    assert.equal(yarnPatchHash([limited], '2.1.3'), 'c956ca');
    assert.notEqual(yarnPatchHash([limited], '3.0.0'), 'c956ca');
  });

  const broken: readonly (readonly [why: string, text: string])[] = [
    ['nothing', ''],
    ['prose', 'no patch at all\n'],
    ['a hunk without numbers', '--- a/x\n+++ b/x\n@@ what @@\n+a\n'],
    ['a broken diff line', 'diff --git x y\n'],
    ['a pragma that nobody knows', `${PATCH}\\ what?\n`],
  ];
  for (const [why, text] of broken)
    test(`is none for ${why}`, () => assert.equal(yarnPatchHash([text], '2.1.3'), undefined));
});
