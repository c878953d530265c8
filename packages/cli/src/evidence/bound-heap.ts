import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes from which V8's young generation is large enough: twice this made verification no faster. */
const ENOUGH = 16 * 1024 * 1024;
const LOOK_EVERY_MS = 50;

/**
 * Stops V8 from giving garbage ever more room. On a machine with much memory its young generation grows to 130 MB before
 * V8 looks what of it is garbage, and the old one to twice what lives, which is more than all that a verification keeps.
 * The sizes themselves can be set only when a process starts; the factors by which they grow are read whenever they do.
 * @returns stops looking
 */
export function boundHeap(): () => void {
  setFlagsFromString('--heap-growing-percent=30');
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (young === undefined || young.space_size < ENOUGH) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(timer);
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}
