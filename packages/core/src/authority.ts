/** A host and a port, as a URL or CONNECT names them. */
export interface Authority {
  /** Lower case; IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

const ASCII = /^[!-~]{1,300}$/;
const PARTS = /^(\[[^\]]{1,64}\]|[^:]{1,253})(?::(\d{1,5}))?$/;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;
const MAX_HOST = 253;
const MAX_PORT = 65_535;

/**
 * Reads `host:port`, or `host` where the port goes without saying. Host names in ASCII alone (IDNs as `xn--…`), addresses
 * in their one usual form: nothing that another program could read as another host.
 * @returns undefined for anything else, user and password among it
 */
export function parseAuthority(text: string, defaultPort?: number): Authority | undefined {
  // Some letters beyond ASCII have lower-case forms within: the Kelvin sign's is k.
  const [, host, port] = PARTS.exec(ASCII.test(text) ? text.toLowerCase() : '') ?? [];
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number === undefined || number < 1 || number > MAX_PORT) return undefined;
  return isHost(host) ? { host, port: number } : undefined;
}

function isHost(host: string): boolean {
  const isCanonical = (): boolean => URL.parse(`http://${host}/`)?.hostname === host;
  if (IPV6.test(host)) return isCanonical();
  if (host.length > MAX_HOST || !host.split('.').every((label) => LABEL.test(label))) return false;
  // What ends in a number is an address to URL parsers, in whatever base it is written.
  return !/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(host) || isCanonical();
}

/** Whether a host that was read is an address rather than a name. */
export function isAddress(host: string): boolean {
  return host.startsWith('[') || /(?:^|\.)\d+$/.test(host);
}

export function sameAuthority(a: Authority, b: Authority): boolean {
  return a.host === b.host && a.port === b.port;
}
