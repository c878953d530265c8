// Runs one process and prints what it has cost, as JSON. A process of its own, since the one that measures grows.
//
//   node measure-one.ts <command as JSON>
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Command, Run, Sample } from './measure.ts';

const PROBE = pathToFileURL(path.join(import.meta.dirname, 'probe.mjs')).href;
/** Bash tells the time of another program, of all its threads and children: `%U` user, `%S` system, in seconds. */
const TIMED = 'TIMEFORMAT="%U %S"; { time "$@" 2>&4; } 4>&2 2>&3';

async function runOne({ program, args, cwd, env }: Command): Promise<Run> {
  const command = program === undefined ? process.execPath : 'bash';
  const prefix = program === undefined ? ['--import', PROBE] : ['-c', TIMED, 'bash', program];
  const started = performance.now();
  const child = spawn(command, [...prefix, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr, probe] = child.stdio as unknown as [null, Readable, Readable, Readable];
  const streams = Promise.all([text(stdout), text(stderr), text(probe)]);
  const ended = new Promise<number | null>((resolve) => void child.on('exit', resolve));
  const peak = program === undefined ? undefined : peakOfChildren(child.pid ?? 0, ended);
  const exitCode = await ended;
  const wallMs = performance.now() - started;
  const [out, errors, used] = await streams;
  const end = { wallMs, exitCode, output: exitCode === 0 ? '' : `${out}\n${errors}` };
  if (peak !== undefined) return { ...end, cpuMs: cpuOf(used), peakMiB: await peak };
  // A process that was killed tells nothing.
  const own = used === '' ? { cpuMs: 0, peakMiB: 0 } : (JSON.parse(used) as Omit<Sample, 'wallMs'>);
  return { ...end, ...own };
}

function cpuOf(used: string): number {
  const seconds = used.trim().split(' ').map(Number);
  return 1000 * seconds.reduce((sum, each) => sum + each, 0);
}

/** The highest memory of a child of a process, as Linux keeps it; NaN, which JSON writes as null, on other systems. */
async function peakOfChildren(pid: number, ended: Promise<unknown>): Promise<number> {
  let peak = Number.NaN;
  let running = true;
  void ended.then(() => (running = false));
  while (running) {
    for (const kib of await memoryBelow(pid)) if (!(kib / 1024 <= peak)) peak = kib / 1024;
    await setTimeout(5);
  }
  return peak;
}

async function memoryBelow(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const ids = children.split(' ').filter((id) => id !== '');
  const all = await Promise.all(
    ids.map(async (id) => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
      const own = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
      return [...(own === undefined ? [] : [Number(own)]), ...(await memoryBelow(Number(id)))];
    }),
  );
  return all.flat();
}

const [command = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await runOne(JSON.parse(command) as Command)));
