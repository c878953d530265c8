#!/usr/bin/env node
import process from 'node:process';
import { runProcess } from 'lockseal';

await runProcess(process);
