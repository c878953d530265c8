import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { ASN1Obj } from '@sigstore/core';
import fc from 'fast-check';
import {
  authorityExtensions,
  makeCertificate,
  serverExtensions,
  type AuthorityHost,
  type CertificateOptions,
} from '../../src/tls/certificate.ts';
import { hasOpenssl } from '../../../../test/support/openssl.ts';

const name = (host: string): AuthorityHost => ({ name: host, isAddress: false });
const address = (host: string): AuthorityHost => ({ name: host, isAddress: true });
const authorityKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const serverKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const DAY = 24 * 60 * 60 * 1000;
const NOW = Math.floor(Date.now() / 1000) * 1000;

/** PEM of an authority for these hosts. */
function authority(hosts: readonly AuthorityHost[], other: Partial<CertificateOptions> = {}): string {
  return makeCertificate({
    subject: 'CA',
    subjectKey: authorityKey.publicKey,
    issuer: 'CA',
    issuerKey: authorityKey.privateKey,
    notBefore: new Date(NOW - DAY),
    notAfter: new Date(NOW + DAY),
    extensions: authorityExtensions(hosts),
    ...other,
  });
}

/** PEM of a server that this authority vouches for. */
function server(host: AuthorityHost, other: Partial<CertificateOptions> = {}): string {
  return authority([], {
    subject: 'server',
    subjectKey: serverKey.publicKey,
    extensions: serverExtensions(host),
    ...other,
  });
}

/** What is signed, in hexadecimal. */
function signedPart(pem: string): string {
  const [tbsCertificate = assert.fail('it is empty')] = read(pem).subs;
  return tbsCertificate.toDER().toString('hex');
}

function read(pem: string): ASN1Obj {
  return ASN1Obj.parseBuffer(Buffer.from(new X509Certificate(pem).raw));
}

/** The 20 octets by which certificates name a key. */
function identifier(key: KeyObject): string {
  const point = key.export({ format: 'der', type: 'spki' }).subarray(-65);
  return createHash('sha256').update(point).digest('hex').slice(0, 40);
}

function serialOf(pem: string): string {
  return new X509Certificate(pem).serialNumber.toLowerCase();
}

describe('a certificate', () => {
  const spki = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('hex');
  const from2049 = { notBefore: new Date('2049-12-31T23:00:00Z'), notAfter: new Date('2050-01-02T00:00:00Z') };

  test('of an authority is, byte for byte', () => {
    const pem = authority([name('a.example'), address('10.0.0.1'), address('2001:db8::1')], from2049);
    const expected = [
      'a003020102', // [0] version: v3
      '0210' + serialOf(pem),
      '300a06082a8648ce3d040302', // signature: ecdsa-with-SHA256, without parameters
      '300d310b300906035504030c024341', // issuer: CN, UTF8String CA
      '3020' + '170d3439313233313233303030305a' + '180f32303530303130323030303030305a', // UTCTime, GeneralizedTime
      '300d310b300906035504030c024341', // subject
      spki(authorityKey.publicKey),
      'a381c93081c6', // [3] extensions
      '30120603551d13' + '0101ff' + '0408' + '30060101ff020100', // basicConstraints, critical: cA, pathLen 0
      '300e0603551d0f' + '0101ff' + '0404' + '03020204', // keyUsage, critical: keyCertSign
      '30130603551d25' + '040c' + '300a06082b06010505070301', // extKeyUsage: serverAuth
      '304b0603551d1e' + '0101ff' + '0441' + '303f' + 'a03d', // nameConstraints, critical: permitted
      '300b' + '8209' + Buffer.from('a.example').toString('hex'),
      '300a' + '8708' + '0a000001' + 'ffffffff',
      '3022' + '8720' + '20010db8000000000000000000000001' + 'f'.repeat(32),
      '301d0603551d0e' + '0416' + '0414' + identifier(authorityKey.publicKey), // subjectKeyIdentifier
      '301f0603551d23' + '0418' + '3016' + '8014' + identifier(authorityKey.publicKey), // authorityKeyIdentifier
    ];
    assert.equal(signedPart(pem).slice(8), expected.join(''));
  });

  test('of an authority for names excludes every address', () => {
    const excluded = ['a130', '300a8708' + '00'.repeat(8), '30228720' + '00'.repeat(32)].join('');
    assert.ok(signedPart(authority([name('a.example')])).includes(`a00d300b8209612e6578616d706c65${excluded}`));
  });

  test('of an authority for addresses says of names that only one is permitted that nobody has', () => {
    const nobody = Buffer.from('lockseal.invalid').toString('hex');
    assert.ok(signedPart(authority([address('10.0.0.1')])).includes(`a02030128210${nobody}300a87080a000001ffffffff`));
  });

  test('of a server is, byte for byte', () => {
    const pem = server(address('2001:db8::1'), from2049);
    const expected = [
      'a003020102',
      '0210' + serialOf(pem),
      '300a06082a8648ce3d040302',
      '300d310b300906035504030c024341',
      '3020' + '170d3439313233313233303030305a' + '180f32303530303130323030303030305a',
      '3011310f300d06035504030c06736572766572',
      spki(serverKey.publicKey),
      'a38193308190',
      '300c0603551d13' + '0101ff' + '0402' + '3000', // that it is no authority is the default: DER leaves it out
      '300e0603551d0f' + '0101ff' + '0404' + '03020780', // digitalSignature
      '30130603551d25' + '040c' + '300a06082b06010505070301',
      '301b0603551d11' + '0414' + '3012' + '8710' + '20010db8000000000000000000000001', // subjectAltName
      '301d0603551d0e' + '0416' + '0414' + identifier(serverKey.publicKey),
      '301f0603551d23' + '0418' + '3016' + '8014' + identifier(authorityKey.publicKey),
    ];
    assert.equal(signedPart(pem).slice(8), expected.join(''));
  });

  test('is read by Node as what it is', () => {
    const [ca, leaf] = [authority([name('a.example')]), server(name('a.example'))].map(
      (pem) => new X509Certificate(pem),
    );
    assert.ok(ca !== undefined && leaf !== undefined);
    assert.deepEqual([ca.subject, ca.issuer, ca.ca], ['CN=CA', 'CN=CA', true]);
    assert.deepEqual([leaf.subject, leaf.issuer, leaf.ca], ['CN=server', 'CN=CA', false]);
    assert.deepEqual([leaf.validFromDate, leaf.validToDate], [new Date(NOW - DAY), new Date(NOW + DAY)]);
    assert.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey) && leaf.checkPrivateKey(serverKey.privateKey));
    assert.ok(!leaf.verify(leaf.publicKey) && !ca.checkIssued(leaf));
  });

  test('has a serial number of its own, 16 bytes, positive', () => {
    const serials = Array.from({ length: 64 }, () => serialOf(server(name('a.example'))));
    for (const serial of serials) assert.match(serial, /^[4-7][0-9a-f]{31}$/);
    assert.equal(new Set(serials).size, serials.length);
  });

  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const ed25519 = generateKeyPairSync('ed25519');
  const a = name('a.example');
  const refused: readonly (readonly [why: string, make: () => unknown])[] = [
    ['a server with a key of another curve', () => server(a, { subjectKey: p384.publicKey })],
    ['a server with a key of RSA', () => server(a, { subjectKey: rsa.publicKey })],
    ['a server with a key of Ed25519', () => server(a, { subjectKey: ed25519.publicKey })],
    ['an issuer with a key of another curve', () => server(a, { issuerKey: p384.privateKey })],
    [
      'an issuer with a key of RSA: it would sign, and not what is said',
      () => server(a, { issuerKey: rsa.privateKey }),
    ],
    ['an issuer with a key of Ed25519', () => server(a, { issuerKey: ed25519.privateKey })],
    ['an issuer whose private key is not there', () => server(a, { issuerKey: authorityKey.publicKey })],
    ['a private key in place of a public one', () => server(a, { subjectKey: serverKey.privateKey })],
    ['no time', () => server(a, { notAfter: new Date(Number.NaN) })],
    ['a time that X.509 cannot tell', () => server(a, { notBefore: new Date('1949-01-01T00:00:00Z') })],
    ['half a character for a name', () => server(a, { subject: '\ud800' })],
    ['a server without name', () => serverExtensions(name(''))],
    ['a server with a name that is not ASCII', () => serverExtensions(name('bücher.example'))],
    ['a server whose address is a name', () => serverExtensions(address('a.example'))],
    ['a server whose address has brackets', () => serverExtensions(address('[::1]'))],
    ['a server whose address has a zone', () => serverExtensions(address('fe80::1%eth0'))],
    ['a server of a whole network', () => serverExtensions(address('10.0.0.0/8'))],
    ['an authority over the empty name, which is over every one', () => authorityExtensions([a, name('')])],
    ['an authority over a name that is not ASCII', () => authorityExtensions([a, name('bücher.example')])],
    ['an authority over an address that is none', () => authorityExtensions([a, address('10.0.0.256')])],
    ['an authority over a whole network', () => authorityExtensions([a, address('0.0.0.0/0')])],
    ['an authority over an empty address', () => authorityExtensions([a, address('')])],
  ];
  for (const [why, make] of refused) {
    test(`is not made for ${why}`, () => {
      assert.throws(make, (error) => error instanceof RangeError || error instanceof TypeError);
    });
  }

  test('is read by OpenSSL as what was written, whatever was', () => {
    const octets = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length });
    const ipv6 = octets(16).map((all) => Buffer.from(all).toString('hex').match(/.{4}/g)?.join(':') ?? '');
    const host = fc.oneof(
      fc.domain().map((domain) => name(domain.toLowerCase())),
      octets(4).map((all) => address(all.join('.'))),
      ipv6.map(address),
    );
    const seconds = fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 });
    fc.assert(
      fc.property(host, seconds, fc.stringMatching(/^[a-z0-9]{1,64}$/), (of, second, subject) => {
        const notBefore = new Date(second * 1000);
        const leaf = new X509Certificate(server(of, { notBefore, subject }));
        assert.equal(leaf.subject, `CN=${subject}`);
        assert.deepEqual(leaf.validFromDate, notBefore);
        const found = of.isAddress ? leaf.checkIP(of.name) : leaf.checkHost(of.name, { subject: 'never' });
        assert.equal(found, of.name);
        assert.ok(leaf.verify(authorityKey.publicKey));
      }),
      { numRuns: 60 },
    );
  });
});

describe('openssl', () => {
  interface Ran {
    readonly status: number | null;
    readonly output: string;
  }

  /** `openssl verify` of a server, as strict as it can be. */
  function verifyIn(t: TestContext, hosts: readonly AuthorityHost[], shown: AuthorityHost, asked = shown): Ran {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lockseal-openssl-'));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const file = (called: string, pem: string): string => {
      fs.writeFileSync(path.join(folder, called), pem);
      return path.join(folder, called);
    };
    const strict = ['-x509_strict', '-check_ss_sig', '-policy_check', '-purpose', 'sslserver', '-no-CApath'];
    const wanted = [asked.isAddress ? '-verify_ip' : '-verify_hostname', asked.name];
    const files = ['-CAfile', file('ca.pem', authority(hosts)), file('server.pem', server(shown))];
    return openssl(['verify', ...strict, ...wanted, ...files]);
  }

  function openssl(args: readonly string[], input = ''): Ran {
    const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8', input });
    return { status, output: stdout + stderr };
  }

  test('shows the constraints of an authority', (t) => {
    if (!hasOpenssl(t)) return;
    const pem = authority([name('a.example'), address('10.0.0.1'), address('2001:db8::1')]);
    const text = openssl(['x509', '-noout', '-text'], pem).output.replaceAll(/\s+/g, ' ');
    for (const part of [
      'Version: 3 (0x2)',
      'Signature Algorithm: ecdsa-with-SHA256 Issuer: CN',
      'NIST CURVE: P-256',
      'Basic Constraints: critical CA:TRUE, pathlen:0',
      'Key Usage: critical Certificate Sign X509v3',
      'Extended Key Usage: TLS Web Server Authentication',
      'Name Constraints: critical Permitted: DNS:a.example IP:10.0.0.1/255.255.255.255 IP:2001:DB8:0:0:0:0:0:1/FFFF',
    ]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
  });

  test('shows that a server is no authority', (t) => {
    if (!hasOpenssl(t)) return;
    const text = openssl(['x509', '-noout', '-text'], server(name('a.example'))).output.replaceAll(/\s+/g, ' ');
    for (const part of [
      'Basic Constraints: critical CA:FALSE',
      'Key Usage: critical Digital Signature X509v3',
      'Subject Alternative Name: DNS:a.example',
    ]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
  });

  const accepted: readonly (readonly [why: string, hosts: readonly AuthorityHost[], shown: AuthorityHost])[] = [
    ['a name', [name('a.example')], name('a.example')],
    ['one name of two', [name('a.example'), name('b.example')], name('b.example')],
    ['an IPv4 address', [address('10.0.0.1')], address('10.0.0.1')],
    ['an IPv6 address', [address('2001:db8::1')], address('2001:db8::1')],
    ['an address beside names', [name('a.example'), address('10.0.0.1')], address('10.0.0.1')],
    ['a name beside addresses', [name('a.example'), address('::1')], name('a.example')],
  ];
  for (const [why, hosts, shown] of accepted) {
    test(`takes ${why}`, (t) => {
      if (!hasOpenssl(t)) return;
      const { status, output } = verifyIn(t, hosts, shown);
      assert.equal(status, 0, output);
    });
  }

  const violation = /permitted subtree violation|excluded subtree violation/;
  const mismatch = /hostname mismatch|IP address mismatch/i;
  const refused: readonly (readonly [
    why: string,
    error: RegExp,
    hosts: readonly AuthorityHost[],
    shown: AuthorityHost,
    asked?: AuthorityHost,
  ])[] = [
    ['another name', violation, [name('a.example')], name('b.example')],
    ['a name that ends alike', violation, [name('a.example')], name('aa.example')],
    ['the name above', violation, [name('a.example')], name('example')],
    ['any name, where there are addresses', violation, [address('10.0.0.1')], name('a.example')],
    ['any name, where there is nothing', violation, [], name('a.example')],
    ['an IPv4 address, where there are names', violation, [name('a.example')], address('10.0.0.1')],
    ['an IPv6 address, where there are names', violation, [name('a.example')], address('::1')],
    ['an address, where there is nothing', violation, [], address('127.0.0.1')],
    ['the address beside', violation, [address('10.0.0.1')], address('10.0.0.2')],
    ['the IPv6 address beside', violation, [address('2001:db8::1')], address('2001:db8::')],
    ['an IPv6 address, where there is IPv4', violation, [address('10.0.0.1')], address('::10.0.0.1')],
    ['an IPv4 address, where there is IPv6', violation, [address('::ffff:10.0.0.1')], address('10.0.0.1')],
    ['a name by another', mismatch, [name('a.example'), name('b.example')], name('a.example'), name('b.example')],
    ['an address by another', mismatch, [address('::1'), address('::2')], address('::1'), address('::2')],
  ];
  for (const [why, error, hosts, shown, asked] of refused) {
    test(`refuses ${why}`, (t) => {
      if (!hasOpenssl(t)) return;
      const { status, output } = verifyIn(t, hosts, shown, asked);
      assert.notEqual(status, 0, output);
      assert.match(output, error);
    });
  }
});
