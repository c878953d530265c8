import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inProject, type Setting } from './lockseal.ts';
import { measure, measureInTurn, spreadOf, type Contender } from './measure.ts';
import { markdown } from './report.ts';
import { startServer } from './server.ts';
import { benchTarballs } from './world.ts';

const run = promisify(execFile);
const WITH = 'lockseal verify --tarballs';
const WITHOUT = 'lockseal verify --no-tarballs';
const ONE_CORE = 'sha512sum, one core';
const ALL_CORES = 'sha512sum, all cores';

/** MB (10^6 bytes) of tarballs a second; medians. */
export interface HashingResult {
  readonly tarballs: number;
  readonly megabytes: number;
  /** `openssl speed` of blocks of 16 KiB, times the cores. */
  readonly openssl: number;
  readonly sha512sum: number;
  readonly sha512sumAllCores: number;
  /** By the time that `--tarballs` adds: fetched over HTTP, unpacked and read, besides hashed. */
  readonly lockseal: number;
  /** The same by CPU time: what one core hashes, unpacks and reads in a second. */
  readonly locksealPerCpu: number;
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
    const list = (name: string) => samples.get(name) ?? [];
    const rate = (name: string): number => megabytes / (spreadOf(list(name).map((each) => each.wallMs)).median / 1000);
    const added = (part: 'wallMs' | 'cpuMs'): number =>
      spreadOf(list(WITH).map((each, round) => each[part] - (list(WITHOUT)[round]?.[part] ?? Number.NaN))).median;
    return {
      tarballs: files.length,
      megabytes,
      openssl: (await opensslSpeed()) * availableParallelism(),
      sha512sum: rate(ONE_CORE),
      sha512sumAllCores: rate(ALL_CORES),
      lockseal: megabytes / (added('wallMs') / 1000),
      locksealPerCpu: megabytes / (added('cpuMs') / 1000),
    };
  } finally {
    await server.close();
    await rm(scratch, { recursive: true, force: true });
  }
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
  const all = [`-P${availableParallelism()}`, '-n1', 'sha512sum'];
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

export function hashingTable(result: HashingResult): string {
  const { openssl } = result;
  const row = (name: string, rate: number): string[] => [name, rate.toFixed(0), (rate / openssl).toFixed(2)];
  const rows = [
    row(`\`openssl speed\` sha512 × cores`, openssl),
    row(ALL_CORES, result.sha512sumAllCores),
    row(ONE_CORE, result.sha512sum),
    row('lockseal `--tarballs`: fetched, hashed, unpacked, read', result.lockseal),
    row('the same, by CPU time, × cores', result.locksealPerCpu * availableParallelism()),
  ];
  const title = `${result.tarballs} tarballs, ${result.megabytes.toFixed(0)} MB`;
  return `${title}\n\n${markdown(['', 'MB/s', '× openssl'], rows)}`;
}
