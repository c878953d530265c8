// Loaded before each test file: gives fast-check its seed, so that a red run can be repeated.
import process from 'node:process';
import { configureGlobal, readConfigureGlobal } from 'fast-check';

const asked = process.env.LOCKSEAL_SEED ?? '20261122';
if (asked !== 'random') configureGlobal({ ...readConfigureGlobal(), seed: Number(asked) });
