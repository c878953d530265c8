import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressBytes } from '../../src/tls/address.ts';

const addresses: readonly (readonly [why: string, text: string, hex: string])[] = [
  ['the least of IPv4', '0.0.0.0', '00000000'],
  ['the largest of IPv4', '255.255.255.255', 'ffffffff'],
  ['IPv4 in its order', '127.0.0.1', '7f000001'],
  ['all groups', '1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['nothing but zeros', '::', '00000000000000000000000000000000'],
  ['zeros in front', '::1', '00000000000000000000000000000001'],
  ['zeros at the end', '1::', '00010000000000000000000000000000'],
  ['zeros within', '2001:db8::8:800:200c:417a', '20010db80000000000080800200c417a'],
  ['one group left out', '1:2:3::5:6:7:8', '00010002000300000005000600070008'],
  ['zeros in front of a group', '2001:0db8:0000::0001', '20010db8000000000000000000000001'],
  ['capitals', 'FE80::ABCD', 'fe80000000000000000000000000abcd'],
  ['IPv4 at the end', '::ffff:192.0.2.128', '00000000000000000000ffffc0000280'],
  ['IPv4 behind groups', '64:ff9b:1:2:3:4:192.0.2.1', '0064ff9b0001000200030004c0000201'],
  ['IPv4 alone behind zeros', '::192.0.2.1', '000000000000000000000000c0000201'],
];

const refused: readonly (readonly [why: string, text: string])[] = [
  ['nothing', ''],
  ['a space', ' '],
  ['a name', 'localhost'],
  ['a name of digits and letters that could be a group', 'cafe'],
  ['three parts, which inet_aton takes', '127.0.1'],
  ['one number, which inet_aton takes', '2130706433'],
  ['hexadecimal, which inet_aton takes', '0x7f.0.0.1'],
  ['a zero in front, which inet_aton takes for octal', '0177.0.0.1'],
  ['zeros in front of zero', '127.0.0.00'],
  ['more than an octet', '127.0.0.256'],
  ['five parts', '127.0.0.0.1'],
  ['an empty part', '127..0.1'],
  ['a dot at the end', '127.0.0.1.'],
  ['a sign', '127.0.0.-1'],
  ['a space in front', ' 127.0.0.1'],
  ['a line break at the end', '127.0.0.1\n'],
  ['a NUL at the end', '127.0.0.1\0'],
  ['a port', '127.0.0.1:80'],
  ['a prefix', '127.0.0.1/32'],
  ['digits of another script', '١٢٧.0.0.1'],
  ['brackets', '[::1]'],
  ['a zone', 'fe80::1%eth0'],
  ['a zone by its number', 'fe80::1%1'],
  ['a prefix of IPv6', '::1/128'],
  ['zeros left out twice', '1::2::3'],
  ['three colons', ':::1'],
  ['one colon in front', ':1:2:3:4:5:6:7'],
  ['one colon at the end', '1:2:3:4:5:6:7:'],
  ['seven groups', '1:2:3:4:5:6:7'],
  ['nine groups', '1:2:3:4:5:6:7:8:9'],
  ['eight groups, and zeros left out', '1:2:3:4::5:6:7:8'],
  ['five digits', '12345::'],
  ['no hexadecimal digit', '::g'],
  ['a sign in a group', '::-1'],
  ['0x in a group', '::0x1'],
  ['IPv4 in front', '127.0.0.1::'],
  ['IPv4 in the middle', '::127.0.0.1:1'],
  ['IPv4 that is one group too many', '1:2:3:4:5:6:7:127.0.0.1'],
  ['IPv4 that is none', '::ffff:127.0.0.256'],
  ['IPv4 of three parts', '::ffff:127.0.1'],
  ['a line break behind IPv6', '::1\n'],
];

describe('bytes of an address', () => {
  for (const [why, text, hex] of addresses) {
    test(`${text}: ${why}`, () => assert.equal(addressBytes(text).toString('hex'), hex));
  }

  for (const [why, text] of refused) {
    test(`there are none of ${JSON.stringify(text)}: ${why}`, () => {
      assert.throws(() => addressBytes(text), {
        name: 'RangeError',
        message: `${JSON.stringify(text)} is no IP address`,
      });
    });
  }

  test('are those of IPv4 that was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) => {
        assert.deepEqual([...addressBytes(octets.join('.'))], [...octets]);
      }),
    );
  });

  test('are those of IPv6 that was written, in full, as a URL shortens it, and with IPv4 at its end', () => {
    const group = fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const octets = groups.flatMap((value) => [value >> 8, value & 0xff]);
        const full = groups.map((value) => value.toString(16)).join(':');
        const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
        const head = full.split(':').slice(0, 6).join(':');
        for (const text of [full, short, `${head}:${octets.slice(12).join('.')}`]) {
          assert.deepEqual([...addressBytes(text)], octets, text);
        }
      }),
    );
  });

  test('are 4 or 16, or there are none', () => {
    const part = fc.constantFrom('0', '1', '255', '256', 'ffff', '10000', '.', ':', '::', '%', '-', ' ');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 18 }), (parts) => {
        try {
          assert.ok([4, 16].includes(addressBytes(parts.join('')).length));
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
    );
  });
});
