/** What a script may touch under macOS; paths are absolute. */
export interface SeatbeltPlan {
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Folders inside of those that are not. */
  readonly kept: readonly string[];
  /** Port of the proxy on this machine; undefined: no network. */
  readonly proxyPort: number | undefined;
}

const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/System',
  '/Library/Developer',
  '/Library/Apple',
  '/opt/homebrew',
  '/private/etc/ssl',
];
const DEVICES = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom', '/dev/tty'];

/**
 * A profile for sandbox-exec(1): everything is denied but what is named. Its language is documented by nobody but Apple's
 * own profiles in /System/Library/Sandbox/Profiles, and this was never tried on a Mac.
 */
export function seatbeltProfile({ readable, writable, kept, proxyPort }: SeatbeltPlan): string {
  return [
    '(version 1)',
    '(deny default)',
    '(allow process-fork)',
    '(allow process-exec)',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow file-read-metadata)',
    `(allow file-read* ${[...SYSTEM, ...readable, ...writable].map(subpath).join(' ')} ${DEVICES.map(literal).join(' ')})`,
    `(allow file-write* ${writable.map(subpath).join(' ')} ${DEVICES.map(literal).join(' ')})`,
    ...(kept.length === 0 ? [] : [`(deny file-write* ${kept.map(subpath).join(' ')})`]),
    ...(proxyPort === undefined ? [] : [`(allow network-outbound (remote ip "localhost:${proxyPort}"))`]),
    '',
  ].join('\n');
}

function subpath(folder: string): string {
  return `(subpath ${text(folder)})`;
}

function literal(file: string): string {
  return `(literal ${text(file)})`;
}

function text(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
