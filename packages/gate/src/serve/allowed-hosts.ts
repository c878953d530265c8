/** An origin by its parts, as clients name it in CONNECT. */
export interface Authority {
  /** Lower case; IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

const HTTPS_PORT = 443;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;

/**
 * `host:port`, or `host` where a default port is known. Host names in ASCII alone (IDNs as `xn--…`), addresses in their
 * usual form alone: nothing is read that another program could read as another host.
 * @returns undefined for anything else
 */
export function parseAuthority(text: string, defaultPort?: number): Authority | undefined {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text.toLowerCase()) ?? [];
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number === undefined || number < 1 || number > 65_535) return undefined;
  return isHost(host) ? { host, port: number } : undefined;
}

function isHost(host: string): boolean {
  if (IPV6.test(host)) return URL.parse(`http://${host}/`)?.hostname === host;
  const labels = host.split('.');
  if (host.length > 253 || !labels.every((label) => LABEL.test(label))) return false;
  // What ends in a number is an address to URL parsers, in whatever base it is written.
  return !/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '') || URL.parse(`http://${host}/`)?.hostname === host;
}

/** Whether the host is written as an address. */
export function isAddress(host: string): boolean {
  return host.startsWith('[') || /^\d+$/.test(host.split('.').at(-1) ?? '');
}

/** The hosts that a policy excepts: exactly these, at these ports. @throws TypeError for one that is no host */
export function parseAllowedHosts(hosts: readonly string[]): readonly Authority[] {
  return hosts.map((text) => {
    const authority = parseAuthority(text, HTTPS_PORT);
    if (authority === undefined) throw new TypeError(`not a host, or a host with a port: ${JSON.stringify(text)}`);
    return authority;
  });
}

export function sameAuthority(a: Authority, b: Authority): boolean {
  return a.host === b.host && a.port === b.port;
}
