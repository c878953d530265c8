import { isIPv4, isIPv6 } from 'node:net';

/**
 * An address in network byte order: 4 bytes or 16, as certificates have it (RFC 5280 §4.2.1.6).
 * @param text without brackets and without zone, which is a matter of one machine
 * @throws RangeError where it is no address
 */
export function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(ipv4(text));
  if (!isIPv6(text) || text.includes('%')) throw new RangeError(`${JSON.stringify(text)} is no IP address`);
  // What :: leaves out is zero (RFC 4291 §2.2).
  const [head = '', tail = ''] = text.split('::');
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 16 - before.length - after.length }, () => 0);
  return Buffer.from([...before, ...zeros, ...after]);
}

/** Groups of 16 bits in hexadecimal; the last two may be an IPv4 address. */
function groups(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return ipv4(group);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function ipv4(text: string): readonly number[] {
  return text.split('.').map(Number);
}
