import { BlockList, isIP } from 'node:net';

/** This machine and what is beside it: unspecified, loopback, link-local, multicast and reserved. */
const NEAR_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
];
const NEAR_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
];

/** Whether an address is of this machine or of one beside it, be it IPv4 in the clothes of IPv6. @param address as the resolver gives it */
export function isNear(address: string): boolean {
  if (isIP(address) !== 6) return isNearIpv4(address);
  const list = new BlockList();
  for (const [network, prefix] of NEAR_IPV6) list.addSubnet(network, prefix, 'ipv6');
  if (list.check(address, 'ipv6')) return true;
  const bytes = bytesOf(address);
  // Of what nobody can take apart it is not known where it leads.
  return bytes === undefined || embeddedIn(bytes).some(isNearIpv4);
}

function isNearIpv4(address: string): boolean {
  const list = new BlockList();
  for (const [network, prefix] of NEAR_IPV4) list.addSubnet(network, prefix, 'ipv4');
  return list.check(address, 'ipv4');
}

type Bytes = readonly number[];

/** The IPv4 addresses to which an IPv6 one may lead. */
function embeddedIn(bytes: Bytes): readonly string[] {
  const at = (...places: readonly number[]): string => places.map((place) => bytes[place] ?? 0).join('.');
  const last = at(12, 13, 14, 15);
  // IPv4-compatible (RFC 4291), IPv4-mapped, IPv4-translated (RFC 2765).
  if (bytes.slice(0, 8).every((byte) => byte === 0)) return [last];
  // 6to4 (RFC 3056).
  if (begins(bytes, [0x20, 0x02])) return [at(2, 3, 4, 5)];
  // Teredo (RFC 4380): its server, and its client with every bit turned.
  if (begins(bytes, [0x20, 0x01, 0, 0]))
    return [
      at(4, 5, 6, 7),
      bytes
        .slice(12)
        .map((byte) => byte ^ 0xff)
        .join('.'),
    ];
  // NAT64 (RFC 6052), and that of a site (RFC 8215), whose prefix may have any of these lengths.
  if (begins(bytes, [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0])) return [last];
  if (begins(bytes, [0, 0x64, 0xff, 0x9b, 0, 1])) {
    const all = [at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12), last];
    const given = all.filter((address) => !address.startsWith('0.'));
    // The zeros around an address are no address; where there is nothing else, they are.
    return given.length === 0 ? [last] : given;
  }
  // ISATAP (RFC 5214).
  const identifier = bytes.slice(8, 12).join(' ');
  return identifier === '0 0 94 254' || identifier === '2 0 94 254' ? [last] : [];
}

function begins(bytes: Bytes, prefix: Bytes): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}

/** The 16 bytes; undefined: it is no address as URLs have it. */
function bytesOf(address: string): Bytes | undefined {
  // As a URL an address has one spelling, in which no part of it is decimal.
  const host = URL.parse(`http://[${address.replace(/%.*$/, '')}]/`)?.hostname;
  if (host === undefined) return undefined;
  const [head = '', tail] = host.slice(1, -1).split('::');
  const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
