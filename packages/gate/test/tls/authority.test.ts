import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import net, { type AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { CertificateAuthority, type AuthorityHost } from '../../src/tls/authority.ts';

const NOW = Date.now();
const HOUR = 60 * 60 * 1000;
const name = (host: string): AuthorityHost => ({ name: host, isAddress: false });
const address = (host: string): AuthorityHost => ({ name: host, isAddress: true });

/** Shakes hands with a server that shows what the authority makes for `shown`, and expects `asked`. */
async function shake(
  t: TestContext,
  authority: CertificateAuthority,
  shown: AuthorityHost,
  asked: AuthorityHost = shown,
): Promise<{ readonly leaf: X509Certificate }> {
  const server = net.createServer((socket) => {
    const inner = new tls.TLSSocket(socket, { isServer: true, secureContext: authority.contextFor(shown) });
    inner.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly leaf: X509Certificate }>();
  const options = asked.isAddress ? { host: asked.name } : { servername: asked.name };
  const raw = net.connect({ host: '127.0.0.1', port });
  const client = tls.connect({ ...options, socket: raw, ca: authority.certificate }, () => {
    const leaf = client.getPeerX509Certificate();
    client.destroy();
    if (leaf === undefined) reject(new Error('no certificate'));
    else resolve({ leaf });
  });
  client.on('error', reject);
  return promise;
}

describe('the authority of a run', () => {
  const authority = new CertificateAuthority([name('registry.npmjs.org')], NOW);
  const certificate = new X509Certificate(authority.certificate);

  test('is an authority that may make no further ones', () => {
    assert.equal(certificate.ca, true);
    assert.equal(certificate.checkIssued(certificate), true);
    assert.equal(certificate.verify(certificate.publicKey), true);
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  });

  test('lasts a day, and a little for clocks that differ', () => {
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    assert.ok(from <= NOW && NOW - from < HOUR);
    assert.ok(to > NOW + 24 * HOUR && to < NOW + 26 * HOUR);
  });

  test('shows its certificate and nothing of its key', () => {
    assert.match(authority.certificate, /^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/);
    assert.equal(JSON.stringify(authority).includes('PRIVATE'), false);
  });

  test('is another one in each run', () => {
    const other = new X509Certificate(new CertificateAuthority([], NOW).certificate);
    assert.notEqual(other.serialNumber, certificate.serialNumber);
    assert.notEqual(other.fingerprint256, certificate.fingerprint256);
  });

  test('vouches for a registry, by a certificate for servers alone', async (t) => {
    const { leaf } = await shake(t, authority, name('registry.npmjs.org'));
    assert.equal(leaf.subjectAltName, 'DNS:registry.npmjs.org');
    assert.equal(leaf.ca, false);
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  });

  test('makes the certificate of a host once', () => {
    assert.equal(authority.contextFor(name('registry.npmjs.org')), authority.contextFor(name('registry.npmjs.org')));
  });

  test('vouches for names longer than a common name may be', async (t) => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;
    const { leaf } = await shake(t, new CertificateAuthority([name(long)], NOW), name(long));
    assert.equal(leaf.subjectAltName, `DNS:${long}`);
  });

  for (const host of ['127.0.0.1', '::1', '2001:db8::1']) {
    test(`vouches for the address ${host}, where a registry is there`, async (t) => {
      const own = new CertificateAuthority([address(host)], NOW);
      const { leaf } = await shake(t, own, address(host));
      assert.match(leaf.subjectAltName ?? '', /^IP Address:/);
    });
  }

  const refused: readonly (readonly [
    why: string,
    hosts: readonly AuthorityHost[],
    shown: AuthorityHost,
    asked?: AuthorityHost,
  ])[] = [
    ['another host', [name('registry.npmjs.org')], name('evil.example')],
    ['a host that ends alike', [name('npmjs.org')], name('evilnpmjs.org')],
    ['an address, where there are names', [name('registry.npmjs.org')], address('127.0.0.1')],
    ['an IPv6 address, where there are names', [name('registry.npmjs.org')], address('::1')],
    ['another address', [address('127.0.0.1')], address('127.0.0.2')],
    ['another IPv6 address', [address('2001:db8::1')], address('2001:db8::2')],
    ['an IPv4 address in the clothes of IPv6', [address('127.0.0.1')], address('::ffff:7f00:1')],
    ['a name, where there are addresses', [address('127.0.0.1')], name('evil.example')],
    ['anything, where there are no registries by TLS', [], name('evil.example')],
    [
      'a host by the certificate of another',
      [name('a.example'), name('b.example')],
      name('a.example'),
      name('b.example'),
    ],
  ];
  for (const [why, hosts, shown, asked] of refused) {
    test(`cannot vouch for ${why}`, async (t) => {
      await assert.rejects(shake(t, new CertificateAuthority(hosts, NOW), shown, asked), {
        message: /subtree violation|does not match certificate's altnames/,
      });
    });
  }

  test('has ended when its day is over', async (t) => {
    const old = new CertificateAuthority([name('registry.npmjs.org')], NOW - 48 * HOUR);
    await assert.rejects(shake(t, old, name('registry.npmjs.org')), { code: 'CERT_HAS_EXPIRED' });
  });
});
