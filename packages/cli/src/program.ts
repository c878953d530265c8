// What the published program starts with; in a checkout it is bin/lockseal.js.
import process from 'node:process';
import { runProcess } from './run-process.ts';

void runProcess(process);
