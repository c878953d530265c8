// Patches as `git diff` writes them: taken back they give what they were made from, or nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parsePatch, takeBack } from '../../src/installed/take-back-patch.ts';

const PATCH = `diff --git a/index.js b/index.js
index 1111111..2222222 100644
--- a/index.js
+++ b/index.js
@@ -1,3 +1,4 @@
 one
-two
+deux
+et demi
 three
@@ -10,2 +11,1 @@
 ten
-eleven
diff --git a/new.js b/new.js
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/new.js
@@ -0,0 +1 @@
+new
\\ No newline at end of file
diff --git a/old.js b/old.js
deleted file mode 100644
index 4444444..0000000
--- a/old.js
+++ /dev/null
@@ -1 +0,0 @@
-old
`;

const ORIGINAL = ['one', 'two', 'three', 'four', '5', '6', '7', '8', '9', 'ten', 'eleven', ''].join('\n');
const PATCHED = ['one', 'deux', 'et demi', 'three', 'four', '5', '6', '7', '8', '9', 'ten', ''].join('\n');

const parse = (text: string): ReturnType<typeof parsePatch> => parsePatch(Buffer.from(text));

function back(text: string, file: string, patched: string): string | undefined {
  const patch = parse(text)?.get(file);
  assert.ok(patch !== undefined);
  return takeBack(Buffer.from(patched), patch)?.toString();
}

test('names what it does to which file', () => {
  const files = [...(parse(PATCH) ?? [])].map(([name, { from, to }]) => [name, from, to]);
  assert.deepEqual(files, [
    ['index.js', 'index.js', 'index.js'],
    ['new.js', undefined, 'new.js'],
    ['old.js', 'old.js', undefined],
  ]);
});

test('gives the original back', () => {
  assert.equal(back(PATCH, 'index.js', PATCHED), ORIGINAL);
  assert.equal(back(PATCH, 'new.js', 'new'), '');
});

const others: readonly (readonly [why: string, file: string, patched: string])[] = [
  ['the original itself', 'index.js', ORIGINAL],
  ['another line where the patch has one', 'index.js', PATCHED.replace('deux', 'trois')],
  ['another line around', 'index.js', PATCHED.replace('three', 'drei')],
  ['a line more before', 'index.js', `zero\n${PATCHED}`],
  ['a file that ends too early', 'index.js', 'one\ndeux\n'],
  ['a line end where there is none', 'new.js', 'new\n'],
  ['a new file without its line', 'new.js', ''],
  ['other line ends', 'index.js', PATCHED.replaceAll('\n', '\r\n')],
];

describe('does not lead to', () => {
  for (const [why, file, patched] of others) test(why, () => assert.equal(back(PATCH, file, patched), undefined));
});

test('a change that the patch does not know stays in what comes back', () => {
  assert.notEqual(back(PATCH, 'index.js', PATCHED.replace('\n7\n', '\nevil\n')), ORIGINAL);
  assert.notEqual(back(PATCH, 'index.js', `${PATCHED}evil\n`), ORIGINAL);
  assert.equal(back(PATCH, 'new.js', 'newevil'), undefined);
});

const strange: readonly (readonly [why: string, text: string])[] = [
  ['text', 'hello\n'],
  ['a renamed file', '--- a/x.js\n+++ b/y.js\n@@ -1 +1 @@\n-a\n+b\n'],
  ['a rename without lines', 'diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n'],
  ['a binary file', 'diff --git a/x b/x\nGIT binary patch\nliteral 1\n'],
  ['a quoted name', '--- "a/\\303\\251.js"\n+++ "b/\\303\\251.js"\n@@ -1 +1 @@\n-a\n+b\n'],
  ['a name without its side', '--- x.js\n+++ x.js\n@@ -1 +1 @@\n-a\n+b\n'],
  ['no second name', '--- a/x.js\n@@ -1 +1 @@\n-a\n+b\n'],
  ['a file twice', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n'],
  ['fewer lines than announced', '--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n-a\n+b\n'],
  ['more lines than announced', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+c\n'],
  ['a line without sign', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n*a\n+b\n'],
];

describe('takes no patch for', () => {
  for (const [why, text] of strange) test(why, () => assert.equal(parse(text), undefined));
});

test('no bytes, whatever they are, make it fail or go on for ever', () => {
  const piece = fc.constantFrom(
    '--- a/x',
    '+++ b/x',
    '--- /dev/null',
    '@@ -1 +1 @@',
    '@@ -0,0 +1,9 @@',
    '-a',
    '+b',
    ' c',
    '\\ No',
    '',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.string(), (lines, content) => {
      for (const patch of parse(lines.join('\n'))?.values() ?? []) takeBack(Buffer.from(content), patch);
    }),
  );
});
