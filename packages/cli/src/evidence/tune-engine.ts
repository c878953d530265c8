import { versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { boundHeap } from './bound-heap.ts';

/** From this version on (Node 24) V8 has a compiler, Maglev, between the one without optimizations and the last. */
const FIRST_WITH_MAGLEV = 13;

/**
 * Sets V8 up for seconds of work, most of which is OpenSSL's: leaves out its last compiler, Turbofan, which takes more
 * time and memory than its code saves, on every thread again; and bounds the heap. To be called before a lockfile is read.
 */
export function tuneEngine(): void {
  if (Number.parseInt(versions.v8, 10) >= FIRST_WITH_MAGLEV) setFlagsFromString('--no-opt');
  boundHeap();
}
