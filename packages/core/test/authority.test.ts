import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isAddress, parseAuthority, sameAuthority } from '@lockseal/core';
import fc from 'fast-check';

describe('a host and a port', () => {
  const good: readonly (readonly [text: string, host: string, port: number])[] = [
    ['example.com:443', 'example.com', 443],
    ['EXAMPLE.com:8443', 'example.com', 8443],
    ['localhost:1', 'localhost', 1],
    ['a_b.example:65535', 'a_b.example', 65_535],
    ['xn--bcher-kva.example:80', 'xn--bcher-kva.example', 80],
    ['3com.example:80', '3com.example', 80],
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['[::1]:80', '[::1]', 80],
    ['[2001:DB8::1]:80', '[2001:db8::1]', 80],
    ['example.com:0443', 'example.com', 443],
  ];
  for (const [text, host, port] of good) {
    test(`are in ${text}`, () => assert.deepEqual(parseAuthority(text), { host, port }));
  }

  test('are there without the port where it goes without saying', () => {
    assert.deepEqual(parseAuthority('example.com', 443), { host: 'example.com', port: 443 });
    assert.deepEqual(parseAuthority('[::1]', 80), { host: '[::1]', port: 80 });
    assert.equal(parseAuthority('example.com'), undefined);
  });

  const bad: readonly (readonly [why: string, text: string])[] = [
    ['nothing', ''],
    ['a port alone', ':443'],
    ['an empty port', 'example.com:'],
    ['port 0', 'example.com:0'],
    ['a port that there is not', 'example.com:65536'],
    ['a port in letters', 'example.com:https'],
    ['a negative port', 'example.com:-1'],
    ['two ports', 'example.com:1:2'],
    ['a user', 'me@example.com:443'],
    ['a user and a password', 'me:secret@example.com:443'],
    ['a path', 'example.com:443/x'],
    ['a scheme', 'https://example.com:443'],
    ['a space', 'example.com :443'],
    ['a line feed', 'example.com\n:443'],
    ['a NUL', 'example.com\0:443'],
    ['a percent sign', 'example%2ecom:443'],
    ['a backslash', 'example.com\\x:443'],
    ['a trailing dot', 'example.com.:443'],
    ['an empty label', 'example..com:443'],
    ['a label that begins with a hyphen', '-x.example:443'],
    ['a label that ends with a hyphen', 'x-.example:443'],
    ['a label of 64 characters', `${'a'.repeat(64)}.example:443`],
    ['a name of 254 characters', `${'a.'.repeat(127)}a:443`],
    ['a letter of another script', 'ex\u0430mple.com:443'],
    ['a dot of another script', 'example\u3002com:443'],
    ['a digit of another script', '\uff1127.0.0.1:443'],
    ['the Kelvin sign, whose lower-case form is k', 'faceboo\u212a.example:443'],
    ['a dotted capital I', 'g\u0130thub.example:443'],
    ['an address in one number', '2130706433:80'],
    ['an address in hexadecimal', '0x7f.0.0.1:80'],
    ['an address in octal', '0177.0.0.1:80'],
    ['an address of two parts', '127.1:80'],
    ['an address of five parts', '127.0.0.0.1:80'],
    ['an address beyond 255', '256.0.0.1:80'],
    ['an address with a leading zero', '127.0.0.01:80'],
    ['a name that ends in a number', 'example.1:80'],
    ['a name that ends in hexadecimal', 'example.0x1:80'],
    ['IPv6 without brackets', '::1:80'],
    ['IPv6 in another form', '[0:0:0:0:0:0:0:1]:80'],
    ['IPv6 with a zone', '[fe80::1%eth0]:80'],
    ['IPv4 in IPv6', '[::ffff:127.0.0.1]:80'],
    ['a pattern', '*.example.com:443'],
  ];
  for (const [why, text] of bad) {
    test(`are not in what has ${why}`, () => assert.equal(parseAuthority(text, 443), undefined));
  }

  test('are what a URL with them means, or are not there', () => {
    const part = fc.constantFrom(
      'a',
      'com',
      '.',
      ':',
      '443',
      '0',
      '1',
      '127',
      '0x7f',
      '[',
      ']',
      '::',
      '-',
      'ß',
      '%',
      '@',
      '/',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        const authority = parseAuthority(parts.join(''), 443);
        if (authority === undefined) return;
        const url = new URL(`https://${authority.host}:${authority.port}/`);
        assert.equal(url.hostname, authority.host);
        assert.equal(Number(url.port || 443), authority.port);
      }),
      { numRuns: 2000 },
    );
  });
});

test('addresses are told from names', () => {
  for (const host of ['127.0.0.1', '[::1]']) assert.equal(isAddress(host), true, host);
  for (const host of ['example.com', 'localhost', '3com.example', 'a1']) assert.equal(isAddress(host), false, host);
});

test('the same host at another port is another', () => {
  const one = { host: 'a.example', port: 443 };
  assert.equal(sameAuthority(one, { ...one }), true);
  assert.equal(sameAuthority(one, { ...one, port: 80 }), false);
  assert.equal(sameAuthority(one, { ...one, host: 'b.example' }), false);
});
