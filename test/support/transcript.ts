// Runs the cases of test/cli: real processes in a folder of their own, with nothing of the caller's environment.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseTranscript, printTranscript, type Outcome, type Transcript } from './transcript-format.ts';

const root = path.resolve(import.meta.dirname, '../..');
const TIMEOUT = 60_000;

/**
 * The command line: the program as it is published, where `npm test` has bundled it (scripts/run.mjs), which starts five
 * times as fast as from source.
 */
export const lockseal: readonly string[] =
  process.env['LOCKSEAL_PROGRAM'] === undefined
    ? [process.execPath, '--conditions=@lockseal/source', path.join(root, 'packages', 'cli', 'bin', 'lockseal.js')]
    : [process.execPath, process.env['LOCKSEAL_PROGRAM']];

export interface TranscriptOptions {
  /** Name in the script -> program and its first arguments. `cat FILE` is always there. */
  readonly commands: Readonly<Record<string, readonly string[]>>;
  /** Added to the environment, which else holds PATH, a fresh HOME and fixed locale and time zone. */
  readonly env?: Readonly<Record<string, string>>;
  /** Stands for `[NAME]` in commands and files, and is shown as `[NAME]` in what is printed. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Shown as [VERSION] where it is lockseal's. */
  readonly version?: string;
}

/**
 * Runs every command of a case and compares what it printed. Shown as placeholders, because they differ from run to
 * run: [TMP] (the folder that the commands run in), [HOME], [PORT], [TIME], [DATE], [DURATION], [AGE], [VERSION],
 * [DIGEST] (hexadecimal sha256 and sha512) and [KEY] (the id of a registry key).
 * With LOCKSEAL_UPDATE_TRANSCRIPTS=1 the file is rewritten instead; never under LOCKSEAL_CI.
 */
export async function runTranscript(file: string, options: TranscriptOptions): Promise<void> {
  const update = process.env['LOCKSEAL_UPDATE_TRANSCRIPTS'] === '1';
  assert.ok(!update || process.env['LOCKSEAL_CI'] === undefined, 'transcripts are never updated under LOCKSEAL_CI');
  const written = fs.readFileSync(file, 'utf8');
  const actual = printTranscript(await replay(parseTranscript(written), options));
  if (update) {
    if (actual !== written) fs.writeFileSync(file, actual);
  } else assert.equal(actual, written, `${path.basename(file)}: LOCKSEAL_UPDATE_TRANSCRIPTS=1 writes what is printed`);
}

/** The transcript with the outcomes as they are now. */
async function replay(transcript: Transcript, options: TranscriptOptions): Promise<Transcript> {
  const base = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'lockseal-cli-'));
  const place: Place = { cwd: path.join(base, 'project'), home: path.join(base, 'home'), options };
  try {
    fs.mkdirSync(place.cwd);
    fs.mkdirSync(place.home);
    for (const [name, content] of transcript.files) writeInside(place, name, content);
    const script: Transcript['script'][number][] = [];
    for (const item of transcript.script) {
      script.push(item.type === 'text' ? item : { ...item, outcome: await runCommand(item.command, place) });
    }
    return { ...transcript, script };
  } finally {
    fs.rmSync(base, { recursive: true, force: true });
  }
}

interface Place {
  readonly cwd: string;
  readonly home: string;
  readonly options: TranscriptOptions;
}

function writeInside(place: Place, name: string, content: string): void {
  const file = path.join(place.cwd, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, fill(content, place));
}

async function runCommand(line: string, place: Place): Promise<Outcome> {
  const { env, program, args, input } = parseCommand(fill(line, place));
  if (program === 'cat') {
    return {
      stdout: mask(fs.readFileSync(path.join(place.cwd, args[0] ?? ''), 'utf8'), place),
      stderr: '',
      exitCode: 0,
    };
  }
  const command = place.options.commands[program];
  assert.ok(command !== undefined, `no command is called ${program}`);
  const stdin = input === undefined ? '' : fs.readFileSync(path.join(place.cwd, input), 'utf8');
  const outcome = await spawned([...command, ...args], { ...environment(place), ...env }, place.cwd, stdin);
  return { ...outcome, stdout: mask(outcome.stdout, place), stderr: mask(outcome.stderr, place) };
}

function environment({ home, options }: Place): Record<string, string> {
  const fixed = { HOME: home, XDG_CACHE_HOME: path.join(home, '.cache'), LANG: 'C', TZ: 'UTC' };
  return { PATH: process.env['PATH'] ?? '', ...fixed, ...options.env };
}

/** Not spawnSync: a registry that the command talks to may live in this very process. */
async function spawned(
  [program = '', ...args]: readonly string[],
  env: Record<string, string>,
  cwd: string,
  stdin: string,
): Promise<Outcome> {
  const child = spawn(program, args, { cwd, env, timeout: TIMEOUT });
  child.stdin.on('error', () => undefined); // A program need not read its input.
  child.stdin.end(stdin);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === null) reject(new Error(`${program} ${args.join(' ')} was ended by ${signal}`));
      else resolve({ ...output, exitCode: code });
    });
  });
}

interface Command {
  readonly env: Readonly<Record<string, string>>;
  readonly program: string;
  readonly args: readonly string[];
  readonly input: string | undefined;
}

/** A command line without a shell: words, quotes of both kinds, leading NAME=value, a closing `< file`. */
function parseCommand(line: string): Command {
  const words = [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
  const start = words.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word));
  const env = words
    .slice(0, Math.max(start, 0))
    .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  const [program = '', ...rest] = words.slice(Math.max(start, 0));
  const redirected = rest.at(-2) === '<';
  return {
    env: Object.fromEntries(env),
    program,
    args: redirected ? rest.slice(0, -2) : rest,
    input: redirected ? rest.at(-1) : undefined,
  };
}

/** Values by placeholder, longest value first, so that no value is cut by a shorter one inside it. */
function placeholders({ cwd, home, options }: Place): (readonly [placeholder: string, value: string])[] {
  const named = Object.entries({ ...options.variables, TMP: cwd, HOME: home });
  return named.map(([name, value]) => [`[${name}]`, value] as const).sort(([, a], [, b]) => b.length - a.length);
}

function fill(text: string, place: Place): string {
  return placeholders(place).reduce(
    (filled, [placeholder, value]) => filled.replaceAll(placeholder, () => value),
    text,
  );
}

function mask(text: string, place: Place): string {
  const named = placeholders(place).reduce(
    (masked, [placeholder, value]) => masked.replaceAll(value, () => placeholder),
    text,
  );
  return maskVersion(named, place.options.version)
    .replaceAll(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, '[TIME]')
    .replaceAll(/(?<=127\.0\.0\.1:|localhost:|\[::1\]:)\d+/g, '[PORT]')
    .replaceAll(/\b\d{4}-\d{2}-\d{2}, \d+ days? old/g, '[AGE]')
    .replaceAll(/(?<=\()(?:\d+ min )?\d+(?:\.\d)? m?s(?=\))/g, '[DURATION]')
    .replaceAll(/(?<="durationMs": )\d+/g, '[DURATION]')
    .replaceAll(/(?<=expires: )\d{4}-\d{2}-\d{2}(?=\})/g, '[DATE]')
    .replaceAll(/\b(?:[0-9a-f]{128}|[0-9a-f]{64})\b|(?<=sha256:)[0-9a-f]{16}\b/g, '[DIGEST]')
    .replaceAll(/(?<=SHA256:)[\w+/]{43}=?/g, '[KEY]');
}

/** Only where it is lockseal's: `0.0.0` may be a package's version as well. */
function maskVersion(text: string, version: string | undefined): string {
  if (version === undefined) return text;
  const escaped = version.replaceAll('.', String.raw`\.`);
  const own = new RegExp(
    `(?<=lockseal[ @/])${escaped}|(?<="name": "lockseal",\\s*"version": ")${escaped}|^${escaped}$`,
    'gm',
  );
  return text.replaceAll(own, '[VERSION]');
}
