import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNear } from '../../src/gate/near.ts';

describe('an address near this machine', () => {
  const near: readonly (readonly [why: string, addresses: readonly string[]])[] = [
    ['loopback', ['127.0.0.1', '127.8.9.1', '::1', '0:0:0:0:0:0:0:1']],
    ['unspecified', ['0.0.0.0', '::']],
    ['link-local', ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf:ffff::1']],
    ['multicast and reserved', ['224.0.0.1', '255.255.255.255', 'ff02::1']],
    ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:169.254.169.254', '::FFFF:7F00:1', '0:0:0:0:0:ffff:7f00:1']],
    ['IPv4-compatible and translated', ['::127.0.0.1', '::ffff:0:127.0.0.1']],
    ['6to4', ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002::1', '2002:e000:1:2:3:4:5:6']],
    ['Teredo, by its server', ['2001:0:7f00:1::', '2001::a9fe:a9fe:0:0:0:0']],
    ['Teredo, by its client', ['2001:0:8c52:7904:8000:63bf:80ff:fffe', '2001:0:8c52:7904:0:0:5601:5601']],
    ['NAT64', ['64:ff9b::7f00:1', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::']],
    [
      'NAT64 of a site, of every prefix',
      [
        '64:ff9b:1:7f00:0:100::',
        '64:ff9b:1:7f:0:1::',
        '64:ff9b:1:0:7f:0:100:0',
        '64:ff9b:1::7f00:1',
        '64:ff9b:1::a9fe:a9fe',
        '64:ff9b:1:a9fe:a9:fe00::',
        '64:ff9b:1::',
      ],
    ],
    ['ISATAP', ['2001:db8::5efe:127.0.0.1', '2001:db8::200:5efe:a9fe:a9fe']],
  ];
  for (const [why, addresses] of near) {
    for (const address of addresses) test(`${why}: is ${address}`, () => assert.equal(isNear(address), true));
  }

  const far = [
    '140.82.121.4',
    '10.0.0.5',
    '192.168.1.1',
    '2606:4700::1',
    'fd00::5',
    '::ffff:140.82.121.4',
    '64:ff9b::8c52:7904',
    '64:ff9b:1::8c52:7904',
    '64:ff9b:1:8c52:79:400::',
    '64:ff9b:2::7f00:1',
    '2002:8c52:7904::1',
    '2001:0:8c52:7904:8000:63bf:73ad:86fb',
    // Teredo has the prefix 2001:0000; this is a network like any other.
    '2001:7f00:1::',
    '2001:db8::5eff:7f00:1',
    '2606:4700::7f00:1',
  ];
  for (const address of far) test(`is not ${address}`, () => assert.equal(isNear(address), false));
});
