import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes at which V8's young generation is large enough: twice and four times as much made verification no faster. */
const ENOUGH = 8 * 1024 * 1024;
const LOOK_EVERY_MS = 50;

/**
 * Stops V8 from giving garbage ever more room. On a machine with much memory its young generation grows to 130 MB before
 * V8 looks what of it is garbage, and the old one to twice what lives, which is more than all that a verification keeps.
 * The sizes themselves can be set only when a process starts; the factors by which they grow are read whenever they do.
 * To be called before a lockfile is read: reading a large one makes the young generation grow at once.
 * @param enough bytes of the young generation
 * @returns whether the young generation has its size; if not, it may grow, and is to be looked at again
 */
export function boundHeap(enough: number = ENOUGH): boolean {
  setFlagsFromString('--heap-growing-percent=30');
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  if (young === undefined || young.space_size < enough) return false;
  setFlagsFromString('--semi-space-growth-factor=1');
  return true;
}

/**
 * `boundHeap` as soon as the young generation is large enough.
 * @returns stops looking
 */
export function boundHeapInTime(): () => void {
  if (boundHeap()) return () => undefined;
  const timer = setInterval(() => {
    if (boundHeap()) clearInterval(timer);
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}
