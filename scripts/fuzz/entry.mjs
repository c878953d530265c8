// What the fuzzer calls with each input; LOCKSEAL_FUZZ_TARGET names the target. The fuzzer loads no module but JavaScript.
import process from 'node:process';
import { TARGETS } from './targets.ts';

const name = process.env.LOCKSEAL_FUZZ_TARGET ?? '';
if (!Object.hasOwn(TARGETS, name)) throw new Error(`no target is called ${name}: ${Object.keys(TARGETS).join(', ')}`);

export async function fuzz(bytes) {
  await TARGETS[name](bytes);
}
