import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inProject, type Setting } from './lockseal.ts';
import { measure, measureInTurn, spreadOf, type Contender, type Sample } from './measure.ts';
import { markdown } from './report.ts';
import { startServer, type Server } from './server.ts';
import { benchTarballs, type TarballKind } from './world.ts';

const run = promisify(execFile);
const CORES = availableParallelism();

const ONE_CORE = 'sha512sum, one core';
const ALL_CORES = 'sha512sum, all cores';
const PLAIN = "gunzip and sha512 with Node's own zlib and crypto, nothing read";
/** Bytes from disk, so that no server shares the cores. */
export const KNOWN = 'lockseal, contents known: hashed';
export const NEW = 'lockseal, never seen: hashed, unpacked, read';
const FETCHED = 'what `lockseal verify --tarballs` adds: fetched, hashed, unpacked, read';
const AGAIN = 'the same again';

/** MB (10^6 bytes) of tarballs a second; medians. */
export interface Rate {
  readonly name: string;
  /** By the clock. */
  readonly wall: number;
  /** By CPU time, times the cores: what all of them could do at once, which other work on the machine leaves alone. */
  readonly cpu: number;
}

interface SetResult {
  readonly kind: TarballKind;
  readonly tarballs: number;
  readonly megabytes: number;
  readonly rates: readonly Rate[];
  /** What it adds to ask for all tarballs again, in milliseconds by the clock: what is known is not fetched. */
  readonly againMs: number;
  /** CPU time of the server for all of them, in milliseconds. */
  readonly serverMs: number;
}

export interface HashingResult {
  /** MB a second of sha512 in blocks of 16 KiB, on all cores at once: `openssl speed -multi`. */
  readonly openssl: number;
  /** undefined: measured by an earlier edition of this benchmark. */
  readonly sets?: readonly SetResult[] | undefined;
}

/** Hashing and reading tarballs against tools that do less, on the same files. */
export async function measureHashing(rounds: number): Promise<HashingResult> {
  const openssl = await opensslSpeed();
  return { openssl, sets: [await measureSet('source', rounds), await measureSet('noise', rounds)] };
}

async function measureSet(kind: TarballKind, rounds: number): Promise<SetResult> {
  const world = await benchTarballs(kind);
  const folder = path.join(world, 'tarballs');
  const files = (await readdir(folder)).map((name) => path.join(folder, name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  const scratch = await mkdtemp(path.join(tmpdir(), 'lockseal-bench-'));
  const server = await startServer(world);
  try {
    const tools = toolsFor(folder, files, scratch);
    const runs = await runsFor({ world, scratch, url: server.url });
    const samples = await measureInTurn([...tools.all, ...runs.all], rounds);
    const added = (name: string, base: Contender): readonly Sample[] =>
      (samples.get(name) ?? []).map((each, round) => less(each, samples.get(base.name)?.[round]));
    const rate = (name: string, list = samples.get(name) ?? []): Rate => rateOf(name, megabytes, list);
    return {
      kind,
      tarballs: files.length,
      megabytes,
      rates: [
        rate(ALL_CORES),
        rate(ONE_CORE),
        rate(PLAIN, added(PLAIN, tools.base)),
        rate(KNOWN, added(KNOWN, tools.base)),
        rate(NEW, added(NEW, tools.base)),
        rate(FETCHED, added(FETCHED, runs.base)),
      ],
      againMs: median(added(AGAIN, runs.base), 'wallMs'),
      serverMs: await served(server, runs.fetched),
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

function median(samples: readonly Sample[], part: 'wallMs' | 'cpuMs'): number {
  return spreadOf(samples.map((each) => each[part])).median;
}

function rateOf(name: string, megabytes: number, samples: readonly Sample[]): Rate {
  const wall = megabytes / (median(samples, 'wallMs') / 1000);
  return { name, wall, cpu: (CORES * megabytes) / (median(samples, 'cpuMs') / 1000) };
}

/** What works on files. `base` starts and loads what the others do. */
function toolsFor(
  folder: string,
  files: readonly string[],
  cwd: string,
): { readonly all: readonly Contender[]; readonly base: Contender } {
  const each = [`-P${CORES}`, '-n1', 'sha512sum'];
  const list = `printf '%s\\n' "$@" | xargs ${each.join(' ')}`;
  // The packages as they are published: the source would be compiled on every thread.
  const script = path.join(import.meta.dirname, 'read-tarballs.ts');
  const reading = (name: string, mode: string): Contender => ({ name, args: [script, folder, mode], cwd });
  const base = reading('what reading tarballs loads', 'none');
  return {
    base,
    all: [
      { name: ONE_CORE, program: 'sha512sum', args: files, cwd },
      { name: ALL_CORES, program: 'sh', args: ['-c', list, 'sh', ...files], cwd },
      base,
      reading(PLAIN, 'plain'),
      reading(KNOWN, 'known'),
      reading(NEW, 'new'),
    ],
  };
}

/** Evidence and verdicts are there, so that only the tarballs are left to do. */
async function runsFor(
  setting: Setting,
): Promise<{ readonly all: readonly Contender[]; readonly base: Contender; readonly fetched: Contender }> {
  const { world, scratch } = setting;
  const verify = inProject(setting, world);
  const filled = path.join(scratch, 'filled');
  const read = path.join(scratch, 'read');
  const used = path.join(scratch, 'used');
  await measure(verify('gather evidence', filled, { args: ['--no-tarballs'] }));
  await cp(filled, read, { recursive: true });
  await measure(verify('read all tarballs', read, { args: ['--tarballs'] }));
  const from = (folder: string) => async (): Promise<void> => {
    await rm(used, { recursive: true, force: true });
    await cp(folder, used, { recursive: true });
  };
  const base = verify('lockseal verify --no-tarballs', used, { args: ['--no-tarballs'], prepare: from(filled) });
  const fetched = verify(FETCHED, used, { args: ['--tarballs'], prepare: from(filled) });
  const again = verify(AGAIN, used, { args: ['--tarballs'], prepare: from(read) });
  return { base, fetched, all: [base, fetched, again] };
}

/** CPU time that a server takes for one run, in milliseconds. */
async function served(server: Server, contender: Contender): Promise<number> {
  const cpu = async (): Promise<number> => {
    const response = await fetch(new URL('-/cpu', server.url));
    const { user, system } = (await response.json()) as NodeJS.CpuUsage;
    return (user + system) / 1000;
  };
  const before = await cpu();
  await measure(contender);
  return (await cpu()) - before;
}

/** MB a second on all cores at once. */
async function opensslSpeed(): Promise<number> {
  const args = ['speed', '-multi', String(CORES), '-mr', '-seconds', '3', '-bytes', '16384', 'sha512'];
  const { stdout } = await run('openssl', args);
  const bytes = /^\+F:\d+:sha512:([\d.]+)$/m.exec(stdout)?.[1];
  if (bytes === undefined) throw new Error(`openssl speed printed ${stdout}`);
  return Number(bytes) / 1e6;
}

const KINDS: Readonly<Record<TarballKind, string>> = {
  source: 'of text in many small files, as packages are',
  noise: 'of bytes that do not compress',
};

export function hashingTable({ openssl, sets = [] }: HashingResult): string {
  const head = `\`openssl speed\` sha512, blocks of 16 KiB, all cores: ${openssl.toFixed(0)} MB/s`;
  return [head, ...sets.map((set) => setTable(set, openssl))].join('\n\n');
}

function setTable({ kind, tarballs, megabytes, rates, againMs, serverMs }: SetResult, openssl: number): string {
  const plain = rates.find(({ name }) => name === PLAIN)?.cpu ?? Number.NaN;
  const rows = rates.map(({ name, wall, cpu }) => [
    name,
    wall.toFixed(0),
    (wall / openssl).toFixed(2),
    cpu.toFixed(0),
    (cpu / openssl).toFixed(2),
    (cpu / plain).toFixed(2),
  ]);
  const columns = ['', 'MB/s by the clock', '× openssl', 'MB/s by CPU × cores', '× openssl', '× gunzip and sha512'];
  return [
    `${tarballs} tarballs ${KINDS[kind]}, ${megabytes.toFixed(0)} MB as packed`,
    markdown(columns, rows),
    `Asked for again, \`--tarballs\` adds ${againMs.toFixed(0)} ms: what is known by the pinned sha512 is not fetched. The server, which shares the cores, takes ${serverMs.toFixed(0)} ms of CPU to serve all of them.`,
  ].join('\n\n');
}
