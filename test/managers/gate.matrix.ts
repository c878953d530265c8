// npm and Yarn through the gate. Not part of `npm test`: run `npm run test:managers`.
import { BESIDE, examineGate } from './support/gate-suite.ts';
import { PROGRAMS } from './support/gated.ts';

examineGate([...PROGRAMS.keys()].filter((family) => !BESIDE.includes(family)));
