// pnpm and bun through the gate: half of the package managers, so that the two files take both processors.
import { BESIDE, examineGate } from './support/gate-suite.ts';

examineGate(BESIDE);
