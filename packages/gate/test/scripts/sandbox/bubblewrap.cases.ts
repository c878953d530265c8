import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bubblewrapArguments } from '../../../src/scripts/sandbox/bubblewrap.ts';

const system = { folders: ['/usr', '/lib64'], links: new Map([['/bin', 'usr/bin']]) };

function argumentsWith(isNew: boolean = true): string {
  return bubblewrapArguments(system, {
    visible: [
      { path: '/p/node_modules', access: 'read' },
      { path: '/p/node_modules/a', access: 'write' },
      { path: '/p/node_modules/a/node_modules', access: 'read' },
      { path: '/tmp/x/hosts', at: '/etc/hosts', access: 'read' },
    ],
    masked: ['/usr/src'],
    links: [['/opt/bin/npm', '../lib/npm']],
    workingDirectory: '/p/node_modules/a',
    features: { boundsFolders: isNew, forbidsNesting: isNew },
  }).join(' ');
}

describe('the arguments of bwrap', () => {
  const made = argumentsWith();

  for (const each of ['user', 'pid', 'net', 'ipc', 'uts', 'cgroup-try']) {
    test(`a ${each} namespace of its own`, () => assert.ok(` ${made} `.includes(` --unshare-${each} `)));
  }

  test('no capability, no terminal, no life without its parent, no namespaces inside', () => {
    for (const each of ['--cap-drop ALL', '--new-session', '--die-with-parent', '--disable-userns']) {
      assert.ok(made.includes(each), each);
    }
    assert.ok(!argumentsWith(false).includes('--disable-userns'));
  });

  test('the only folder that can be written is the one that is named', () => {
    assert.deepEqual(made.match(/ --bind \S+ \S+/g), [' --bind /p/node_modules/a /p/node_modules/a']);
    assert.ok(!/--(?:dev-)?bind(?:-try)? \/ /.test(made));
  });

  test('what lies over what', () => {
    const order = [
      '--ro-bind /usr /usr',
      '--tmpfs /usr/src',
      '--tmpfs /tmp',
      '--ro-bind /p/node_modules /p/node_modules',
      '--bind /p/node_modules/a /p/node_modules/a',
      '--ro-bind /p/node_modules/a/node_modules /p/node_modules/a/node_modules',
      '--symlink ../lib/npm /opt/bin/npm',
      '--remount-ro /',
      '--chdir /p/node_modules/a --',
    ];
    const places = order.map((each) => made.indexOf(each));
    assert.ok(places.every((place) => place >= 0));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  test('of /etc only files without secrets, and those made for it', () => {
    assert.ok(made.includes('--ro-bind /tmp/x/hosts /etc/hosts'));
    assert.ok(!/ \/etc(?: |$)/.test(made) && !made.includes('shadow') && !made.includes('resolv.conf'));
  });

  test('every folder in memory is bounded', () => {
    assert.equal(made.match(/--tmpfs/g)?.length, made.match(/--size \d+ --tmpfs/g)?.length);
    assert.ok(!argumentsWith(false).includes('--size'));
  });
});
