import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inProject, type Setting } from './lockseal.ts';
import { measure, measureInTurn, spreadOf, type Contender, type Sample } from './measure.ts';
import { markdown } from './report.ts';
import { startServer } from './server.ts';
import { benchTarballs } from './world.ts';

const run = promisify(execFile);
const CORES = availableParallelism();
const WITH = 'lockseal verify --tarballs';
const WITHOUT = 'lockseal verify --no-tarballs';
const ONE_CORE = 'sha512sum, one core';
const ALL_CORES = 'sha512sum, all cores';

/** MB (10^6 bytes) of tarballs a second; medians. */
interface Rate {
  readonly name: string;
  /** By the clock; undefined for what is not measured by it. */
  readonly wall: number | undefined;
  /** By CPU time, times the cores: what all of them could do at once, which other work on the machine leaves alone. */
  readonly cpu: number;
}

export interface HashingResult {
  readonly tarballs: number;
  readonly megabytes: number;
  /** The first is `openssl speed`, by which the others are judged. */
  readonly rates: readonly Rate[];
}

/** Hashing against the tools that do nothing else, on the same files. */
export async function measureHashing(rounds: number): Promise<HashingResult> {
  const world = await benchTarballs();
  const folder = path.join(world, 'tarballs');
  const files = (await readdir(folder)).map((name) => path.join(folder, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  const scratch = await mkdtemp(path.join(tmpdir(), 'lockseal-bench-'));
  const server = await startServer(world);
  try {
    const setting: Setting = { world, scratch, url: server.url };
    const samples = await measureInTurn(await contendersFor(setting, files), rounds);
    const list = (name: string): readonly Sample[] => samples.get(name) ?? [];
    const added = list(WITH).map((each, round) => less(each, list(WITHOUT)[round]));
    return {
      tarballs: files.length,
      megabytes,
      rates: [
        { name: '`openssl speed` sha512, blocks of 16 KiB', wall: undefined, cpu: (await opensslSpeed()) * CORES },
        rateOf(ALL_CORES, megabytes, list(ALL_CORES)),
        rateOf(ONE_CORE, megabytes, list(ONE_CORE)),
        rateOf('what `lockseal verify --tarballs` adds: fetch, hash, unpack, read', megabytes, added),
      ],
    };
  } finally {
    await server.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

function less(sample: Sample, base: Sample | undefined): Sample {
  const wallMs = sample.wallMs - (base?.wallMs ?? Number.NaN);
  return { wallMs, cpuMs: sample.cpuMs - (base?.cpuMs ?? Number.NaN), peakMiB: sample.peakMiB };
}

function rateOf(name: string, megabytes: number, samples: readonly Sample[]): Rate {
  const second = (part: 'wallMs' | 'cpuMs'): number => spreadOf(samples.map((each) => each[part])).median / 1000;
  return { name, wall: megabytes / second('wallMs'), cpu: (CORES * megabytes) / second('cpuMs') };
}

/** Evidence and verdicts are there, so that only the tarballs are left to do. */
async function contendersFor(setting: Setting, files: readonly string[]): Promise<Contender[]> {
  const { world, scratch } = setting;
  const verify = inProject(setting, world);
  const filled = path.join(scratch, 'filled');
  const used = path.join(scratch, 'used');
  await measure(verify('gather evidence', filled, { args: ['--no-tarballs'] }));
  const prepare = async (): Promise<void> => {
    await rm(used, { recursive: true, force: true });
    await cp(filled, used, { recursive: true });
  };
  const all = [`-P${CORES}`, '-n1', 'sha512sum'];
  const list = `printf '%s\\n' "$@" | xargs ${all.join(' ')}`;
  return [
    verify(WITH, used, { args: ['--tarballs'], prepare }),
    verify(WITHOUT, used, { args: ['--no-tarballs'], prepare }),
    { name: ONE_CORE, program: 'sha512sum', args: files, cwd: scratch },
    { name: ALL_CORES, program: 'sh', args: ['-c', list, 'sh', ...files], cwd: scratch },
  ];
}

/** MB a second on one core. */
async function opensslSpeed(): Promise<number> {
  const { stdout } = await run('openssl', ['speed', '-mr', '-seconds', '3', '-bytes', '16384', 'sha512']);
  const bytes = /^\+F:\d+:sha512:([\d.]+)$/m.exec(stdout)?.[1];
  if (bytes === undefined) throw new Error(`openssl speed printed ${stdout}`);
  return Number(bytes) / 1e6;
}

export function hashingTable({ tarballs, megabytes, rates }: HashingResult): string {
  const openssl = rates[0]?.cpu ?? Number.NaN;
  const rows = rates.map(({ name, wall, cpu }) => [
    name,
    wall?.toFixed(0) ?? '',
    cpu.toFixed(0),
    (cpu / openssl).toFixed(2),
  ]);
  const title = `${tarballs} tarballs, ${megabytes.toFixed(0)} MB`;
  return `${title}\n\n${markdown(['', 'MB/s by the clock', 'MB/s by CPU × cores', '× openssl'], rows)}`;
}
