import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDocument } from '../../src/document/read-document.ts';
import { readInstall } from '../../src/document/read-install.ts';

function read(text: string): { readonly install: unknown; readonly problems: readonly string[] } {
  const { root, problems } = readDocument(text, 'lockseal.yaml');
  const install = readInstall(root.known('install').get('install'));
  return { install, problems: problems.map(({ code, message }) => `${code}: ${message}`) };
}

describe('what a policy says of installing', () => {
  test('is nothing where it says nothing', () => {
    assert.deepEqual(read('{}'), { install: { allowHosts: undefined, git: undefined }, problems: [] });
  });

  const good: readonly (readonly [text: string, host: string, port: number])[] = [
    ['github.com', 'github.com', 443],
    ['GitHub.com', 'github.com', 443],
    ['git.example.com:8443', 'git.example.com', 8443],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', 443],
    ['10.0.0.5:9418', '10.0.0.5', 9418],
    ['"[2001:db8::1]:8443"', '[2001:db8::1]', 8443],
  ];
  for (const [text, host, port] of good) {
    test(`takes the host ${text}`, () => {
      assert.deepEqual(read(`install: {allowHosts: [${text}], git: pinned}`), {
        install: { allowHosts: [{ host, port }], git: 'pinned' },
        problems: [],
      });
    });
  }

  const bad: readonly (readonly [why: string, text: string])[] = [
    ['a URL', 'https://github.com/'],
    ['a pattern', '"*.github.com"'],
    ['a path', 'github.com/acme'],
    ['somebody at a host', 'git@github.com'],
    ['port 0', 'github.com:0'],
    ['a port that there is not', 'github.com:65536'],
    ['letters beyond ASCII, which look like others', 'gıthub.com'],
    ['a trailing dot, which names the same host once more', 'github.com.'],
    ['an address in one number', '"2130706433"'],
    ['an address in hexadecimal', '0x7f.0.0.1'],
    ['an address in octal', '0177.0.0.1'],
    ['a short address', '"127.1"'],
    ['this machine', 'localhost'],
    ['this machine by another name', 'a.localhost'],
    ['this machine by its address', '127.0.0.1'],
    ['this machine in IPv6', '"[::1]"'],
    ['the unspecified address', '0.0.0.0:80'],
    ['the metadata service of a cloud', '169.254.169.254'],
    ['a link-local address', '"[fe80::1]"'],
    ['IPv4 inside IPv6', '"[::ffff:7f00:1]"'],
    ['an IPv6 address that is written in two ways', '"[2001:db8:0::1]"'],
    ['a number', '8080'],
    ['nothing', '""'],
  ];
  for (const [why, text] of bad) {
    test(`refuses ${why}`, () => {
      const { install, problems } = read(`install: {allowHosts: [${text}]}`);
      assert.deepEqual(install, { allowHosts: [], git: undefined });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', /^(?:bad-value|wrong-type): `install\.allowHosts\[0\]`/);
    });
  }

  test('refuses keys and choices that there are not', () => {
    assert.deepEqual(read('install: {allowHost: github.com, git: allow}').problems, [
      'unknown-key: `install.allowHost` is not a key that anything reads',
      'bad-value: `install.git` does not take "allow"',
    ]);
  });
});
