// Update the golden files with `npm test -- --test-update-snapshots packages/report`, and read the difference.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Finding } from '@lockseal/core';
import { ansiStyle, plainStyle, renderHuman, type HumanOptions, type Report } from '@lockseal/report';
import { verificationOf } from '../../../test/support/verification.ts';
import { empty, good, rich, undecided } from './sample.ts';

const golden: readonly (readonly [name: string, report: Report, options: Partial<HumanOptions>])[] = [
  ['rich-80-plain', rich, { columns: 80 }],
  ['rich-120-plain', rich, { columns: 120 }],
  ['rich-80-colour', rich, { columns: 80, style: ansiStyle() }],
  ['rich-120-colour', rich, { columns: 120, style: ansiStyle() }],
  ['rich-verbose', rich, { verbose: true, style: plainStyle(true) }],
  ['good', good, {}],
  ['undecided', undecided, {}],
  ['empty', empty, {}],
];

function matches(t: TestContext, name: string, text: string): void {
  t.assert.fileSnapshot(text, path.join(import.meta.dirname, 'golden', `${name}.txt`), { serializers: [String] });
}

describe('golden', () => {
  for (const [name, report, options] of golden) {
    test(name, (t) => matches(t, name, renderHuman(report, options)));
  }
});

describe('what is shown', () => {
  const plain = renderHuman(rich);

  test('colours change nothing but colours', () => {
    const painted = renderHuman(rich, { style: ansiStyle(false) });
    // oxlint-disable-next-line no-control-regex
    assert.equal(painted.replaceAll(/\u001B\[[\d;]*m/g, ''), plain);
    assert.notEqual(painted, plain);
  });

  test('plain output is ASCII', () => {
    // oxlint-disable-next-line no-control-regex
    assert.match(plain, /^[\n\u0020-\u007E]*$/);
  });

  test('six of one code are five and one more', () => {
    const notes = rich.findings.filter(({ code }) => code === 'signature-missing').slice(0, 6);
    const text = renderHuman({ ...rich, findings: notes });
    assert.match(text, /old-5@0\.4\.0/);
    assert.doesNotMatch(text, /old-6@0\.5\.0/);
    assert.match(text, /and 1 more \(use --verbose or --json\)/);
  });

  test('--verbose tells each decision: what was checked, against which key and identity, and why this grade', () => {
    const text = renderHuman(rich, { verbose: true, columns: 160 });
    const { evidence } = rich.verification;
    assert.equal(text.match(/^ {2}grade {7}/gm)?.length, evidence.length);
    for (const { grade, reason, checks } of evidence) {
      assert.ok(text.includes(`${grade}: ${reason}`), reason);
      const { signature, provenance } = checks;
      if (signature.status === 'verified') assert.ok(text.includes(`key ${signature.keyid}`));
      if (provenance.status === 'verified') assert.ok(text.includes(provenance.identity.repository ?? ''));
    }
    assert.doesNotMatch(renderHuman(rich), /^ {2}grade/m);
  });

  test('--verbose leaves nothing out', () => {
    const text = renderHuman(rich, { verbose: true });
    for (const { subject, code } of rich.findings) {
      assert.ok(text.includes(subject), subject);
      assert.ok(text.includes(code), code);
    }
    assert.doesNotMatch(text, /more \(use/);
  });

  test('a very long dependency path is shortened in its middle', () => {
    const steps = Array.from({ length: 40 }, (_, index) => `p${index}@1.0.0`);
    const [finding = assert.fail()] = rich.findings;
    const text = renderHuman({ ...rich, findings: [{ ...finding, path: ['.', ...steps] }] }, { columns: 160 });
    assert.match(text, /p4@1\.0\.0 > \(29 more\) > p34@1\.0\.0/);
  });

  const lastLines: readonly (readonly [why: string, report: Report, options: Partial<HumanOptions>, line: RegExp])[] = [
    ['good names the install that keeps to the lockfile', good, {}, /Good: .* Next: npm ci$/],
    [
      'findings name the command to run after mending',
      rich,
      {},
      /Mend the errors, then: lockseal verify package-lock\.json$/,
    ],
    [
      'undecided names the command to run again',
      undecided,
      {},
      /Too little is known\. Next: lockseal verify package-lock\.json$/,
    ],
    ['the caller may know better', good, { next: 'lockseal approve' }, /Next: lockseal approve$/],
    [
      'a path is quoted for the shell',
      {
        ...rich,
        verification: verificationOf([], { lockfile: { ...rich.verification.lockfile, path: "it's; a/x.lock" } }),
      },
      {},
      /lockseal verify 'it'\\''s; a\/x\.lock'$/,
    ],
  ];
  for (const [why, report, options, line] of lastLines) {
    test(`the last line: ${why}`, () => {
      assert.match(renderHuman(report, options).trimEnd().split('\n').at(-1) ?? '', line);
    });
  }

  for (const columns of [0, -5, Number.NaN, 20, 40, 80, 120, 1e9]) {
    test(`at ${columns} columns a longer line is one word behind its label, or the command to copy`, () => {
      const width = Math.min(Math.max(columns || 80, 40), 160);
      for (const line of renderHuman(rich, { columns }).split('\n')) {
        if (line.length > width) assert.match(line, /^ *(?:\w+ +)?(?:\S+|`[^`]+`\S*)$|^ {2}Mend the errors, then: /);
      }
    });
  }
});

describe('hostile text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u001B[2J', '\u202Egnp', 'a\nb', '::set-output name=x::y', '##[error]', 'x'.repeat(100_000)),
  );
  const finding = fc.record({
    code: fc.constantFrom('edge-forged', 'git-source', 'insecure-url'),
    level: fc.constantFrom('error', 'warn', 'note'),
    subject: text,
    entry: text,
    path: fc.array(text, { maxLength: 3 }),
    position: fc.constant({ line: 1, column: 1 }),
    dependency: text,
    expected: text,
    found: text,
    detail: text,
    fix: text,
  }) satisfies fc.Arbitrary<Finding>;
  const hostile = fc
    .record({ findings: fc.array(finding, { maxLength: 3 }), name: text, reason: text, next: text })
    .map(({ findings, name, reason, next }) => {
      const verification = verificationOf([], {
        lockfile: { ...rich.verification.lockfile, path: name, formatVersion: name },
        trust: {
          root: { origin: 'file', sha256: '00'.repeat(32), asOf: name },
          keys: [{ registry: name, origin: 'registry', keyids: [name] }],
        },
      });
      const unclear = rich.undecided.map((one) => ({ ...one, subject: name, path: [name], reason, fix: reason }));
      return { report: { ...rich, verification, findings, undecided: unclear, warnings: [reason] }, next };
    });

  test('never reaches the terminal as more than text', () => {
    fc.assert(
      fc.property(hostile, ({ report, next }) => {
        const shown = renderHuman(report, { next });
        assert.doesNotMatch(shown, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]/u);
        assert.doesNotMatch(shown, /^\s*::|##\[/m);
        assert.ok(shown.length < 40_000);
      }),
    );
  });
});

test('a command between backticks is never broken, an unbalanced backtick breaks nothing', () => {
  const [finding = assert.fail()] = rich.findings;
  const fix = 'Do this that and the other thing now and then: `npm install --package-lock-only` or ` not.';
  for (let columns = 40; columns <= 120; columns += 1) {
    const text = renderHuman({ ...rich, findings: [{ ...finding, fix }] }, { columns });
    assert.match(text, /`npm install --package-lock-only`/);
    assert.match(text.replaceAll(/\s+/g, ' '), /or ` not\./);
  }
});
