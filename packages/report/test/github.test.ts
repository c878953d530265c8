import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderGithub, type Report } from '@lockseal/report';
import { HOSTILE, hostileReport } from './hostile.ts';
import { empty, good, rich, undecided } from './sample.ts';

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** As the runner reads a line of the log: `::name key=value,key=value::message`. */
function parse(output: string): { commands: Command[]; log: string[] } {
  const commands: Command[] = [];
  const log: string[] = [];
  for (const line of output.split(/\r\n|\r|\n/)) {
    const match = /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/.exec(line);
    if (match === null) {
      if (line !== '') log.push(line);
      continue;
    }
    const [, name = '', list = '', message = ''] = match;
    const pairs = list.split(',').flatMap((pair): [string, string][] => {
      const at = pair.indexOf('=');
      return at < 0 ? [] : [[pair.slice(0, at).trim(), unescape(pair.slice(at + 1))]];
    });
    commands.push({ name, properties: Object.fromEntries(pairs), message: unescape(message) });
  }
  return { commands, log };
}

function unescape(text: string): string {
  const codes: Record<string, string> = { '%3A': ':', '%2C': ',', '%0D': '\r', '%0A': '\n', '%25': '%' };
  return text.replaceAll(/%(?:3A|2C|0D|0A|25)/g, (code) => codes[code] ?? '');
}

describe('GitHub annotations', () => {
  test('errors and undecided entries are errors, at their lines', () => {
    const { commands } = parse(renderGithub(rich));
    assert.deepEqual(
      commands.map(({ name, properties }) => [name, properties['line'], properties['title']]).slice(0, 5),
      [
        ['error', '47', 'lockseal: edge-forged'],
        ['error', '41', 'lockseal: integrity-mismatch'],
        ['error', '58', 'lockseal: ERR_TIMEOUT'],
        ['warning', undefined, undefined],
        ['warning', '58', 'lockseal: attestations-withheld'],
      ],
    );
    assert.equal(commands[0]?.properties['file'], 'package-lock.json');
    assert.match(commands[0].message, /^debug@2\.6\.9: The dependency .*\nedge: ms\npath: \. > express.*\nexpected: /);
  });

  for (const [name, report] of Object.entries({ good, empty })) {
    test(`${name} is the verdict alone`, () => {
      const { commands, log } = parse(renderGithub(report));
      assert.deepEqual(commands, []);
      assert.match(log.join('\n'), /^Good: 0 errors, .* in \d entr(?:y|ies)$/);
    });
  }

  test('the verdict is the last line of the log', () => {
    assert.match(renderGithub(undecided), /\nUndecided: 0 errors, 1 undecided, .*\n$/);
  });

  test('of a kind no more than GitHub shows, and the rest is counted', () => {
    const [finding = assert.fail()] = rich.findings;
    const { commands } = parse(renderGithub({ ...rich, findings: Array.from({ length: 500 }, () => finding) }));
    const errors = commands.filter(({ name }) => name === 'error');
    assert.equal(errors.length, 10);
    // 500 findings and one undecided entry, of which nine were shown.
    assert.equal(errors.at(-1)?.message, 'lockseal: 492 more are in the step summary.');
  });

  const paths = ['a,line=1.lock', 'a:b.lock', '100%.lock', 'a%0Ab', 'a::b'];
  for (const path of paths) {
    test(`the path ${path} stays one property`, () => {
      const { verification } = rich;
      const { commands } = parse(
        renderGithub({ ...rich, verification: { ...verification, lockfile: { ...verification.lockfile, path } } }),
      );
      assert.equal(commands[0]?.properties['file'], path);
      assert.equal(commands[0].properties['line'], '47');
    });
  }
});

describe('hostile text in GitHub annotations', () => {
  const shape = (report: Report): unknown[] =>
    parse(renderGithub(report)).commands.map(({ name, properties }) => [name, Object.keys(properties).sort()]);
  const harmless = shape(hostileReport('harmless'));

  for (const [why, text] of HOSTILE) {
    test(why, () => {
      const output = renderGithub(hostileReport(text));
      assert.deepEqual(shape(hostileReport(text)), harmless);
      assert.equal(parse(output).log.length, 1);
      assert.doesNotMatch(output, /(?![ \n])[\p{C}\p{Z}\p{Bidi_Control}]|##\[/u);
    });
  }
});
