import { LocksealError } from '@lockseal/core/approval';

/**
 * The Nodes that lockseal runs on: from each of these versions on within its major, and all of the last major and later. As
 * `engines` of the package says; a test holds the two together. Older ones lack more than names: they connect past a proxy that
 * is configured.
 */
const RUNTIMES: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [22, 22, 2],
  [24, 15, 0],
  [26, 0, 0],
];

/**
 * npm only warns of `engines`, so that the program has to look itself.
 * @param version of Node: `24.15.0`
 * @throws LocksealError ERR_RUNTIME for a Node that lockseal does not run on
 */
export function checkRuntime(version: string): void {
  if (runsOn(version)) return;
  throw new LocksealError('ERR_RUNTIME', `lockseal does not run on Node ${version}.`, {
    expected: `Node ${shownRuntimes()}`,
    found: `Node ${version}`,
    hint: 'Install a Node that is still maintained, and run lockseal with it.',
  });
}

/** As `engines` has it. */
export function shownRuntimes(): string {
  return RUNTIMES.map((each, index) => `${index === RUNTIMES.length - 1 ? '>=' : '^'}${each.join('.')}`).join(' || ');
}

function runsOn(version: string): boolean {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  const [major = 0, minor = 0, patch = 0] = numbers;
  const [last = 0] = RUNTIMES.at(-1) ?? [];
  return (
    major >= last ||
    RUNTIMES.some(
      ([first, second, third]) => major === first && (minor > second || (minor === second && patch >= third)),
    )
  );
}
