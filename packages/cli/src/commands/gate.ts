import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocksealError, parseDuration } from '@lockseal/core';
import { sanitize } from '@lockseal/report';
import { flagOption, numberOption, textOption, type RawArgs } from '../args.ts';
import { shownPath } from '../approval/place.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findBasis, type GoodBasis } from '../gate/basis.ts';
import { openGateFor, type OpenedGate } from '../gate/open.ts';
import { decodeGateArgs, withGateOptions, type GateArgs } from '../gate/options.ts';
import { renderClosing, renderClosingJson, renderOpening, renderOpeningJson, renderRefusal } from '../gate/render.ts';
import type { Console } from '../io/console.ts';
import { writeFileAtomically } from '../io/write-file.ts';
import type { Command } from './command.ts';

interface Args {
  readonly gate: GateArgs;
  readonly port: number | undefined;
  /** undefined: this machine's own. */
  readonly address: string | undefined;
  readonly lifetimeMs: number;
  /** Absolute; undefined: in a folder of its own. */
  readonly caFile: string | undefined;
  readonly json: boolean;
}

const MAX_WARNING = 500;
const DEFAULT_LIFETIME = 'PT30M';
/** The authority's certificate holds no longer. */
const LONGEST_SECONDS = 24 * 60 * 60;
const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** `lockseal gate`: keeps a gate open for package managers that something else starts. */
export const gate: Command = {
  builder: (program) => {
    const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;
    return withGateOptions(program)
      .option('port', text('Port to listen at (default: a free one)'))
      .option('lifetime', text('How long it stays open, such as 30m or PT30M (default); 24h at the most'))
      .option('allow-bind', text('Listen at this address instead of 127.0.0.1: others can reach it'))
      .option('ca-file', text('Where to write the certificate of its authority (default: a temporary file)'))
      .option('json', { type: 'boolean', describe: 'Print one JSON document when it opens, one when it closes' })
      .example('$0 gate --port=4873 --lifetime=30m', 'for a container build beside it')
      .example('$0 gate --verified-only', 'for a project that nobody approves yet');
  },
  run: async (raw, console) => {
    const args = decode(raw, console);
    const basis = await findBasis(args.gate, args.json, console);
    if (basis.status === 'bad') {
      console.stdout.write(basis.text);
      return basis.exitCode;
    }
    const opened = await openGateFor(basis, args.gate.evidence, console, {
      port: args.port,
      host: args.address,
      onRefusal: (refusal) => void console.stderr.write(renderRefusal(refusal)),
    });
    const authority = await writeAuthority(args, opened);
    try {
      await keepOpen(args, { basis, opened, caFile: authority.file }, console);
    } finally {
      await opened.close();
      await authority.remove();
    }
    return close(args, { basis, opened }, console);
  },
};

function decode(raw: RawArgs, console: Console): Args {
  const file = textOption(raw, 'ca-file');
  const address = textOption(raw, 'allow-bind');
  if (address !== undefined && isIP(address) === 0) {
    throw new LocksealError('ERR_USAGE', '--allow-bind takes an address.', { expected: '0.0.0.0', found: address });
  }
  return {
    gate: decodeGateArgs(raw, console),
    port: numberOption(raw, 'port', 1, 65_535),
    address,
    lifetimeMs: decodeLifetime(textOption(raw, 'lifetime') ?? DEFAULT_LIFETIME) * 1000,
    caFile: file === undefined ? undefined : path.resolve(console.cwd, file),
    json: flagOption(raw, 'json'),
  };
}

/** @returns seconds */
function decodeLifetime(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const seconds = number === undefined ? parseDuration(text) : Number(number) * (UNITS.get(unit) ?? 0);
  if (seconds !== undefined && seconds >= 1 && seconds <= LONGEST_SECONDS) return seconds;
  throw new LocksealError('ERR_USAGE', `--lifetime does not take "${text}".`, {
    expected: 'from 1s to 24h, such as 30m or PT30M',
    found: text,
  });
}

interface Authority {
  readonly file: string;
  readonly remove: () => Promise<void>;
}

/** The certificate is no secret; a file of a name that somebody else can foresee would be one to replace. */
async function writeAuthority({ caFile }: Args, opened: OpenedGate): Promise<Authority> {
  const { caCertificate } = opened.gate;
  try {
    if (caFile !== undefined) {
      await writeFileAtomically(caFile, caCertificate);
      return { file: caFile, remove: () => rm(caFile, { force: true }) };
    }
    const folder = await mkdtemp(path.join(tmpdir(), 'lockseal-gate-'));
    const file = path.join(folder, 'authority.pem');
    await writeFile(file, caCertificate, { flag: 'wx', mode: 0o644 });
    return { file, remove: () => rm(folder, { recursive: true, force: true }) };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface Running {
  readonly basis: GoodBasis;
  readonly opened: OpenedGate;
}

async function keepOpen(args: Args, running: Running & { readonly caFile: string }, console: Console): Promise<void> {
  const endsAt = new Date(console.now() + args.lifetimeMs);
  const file = shownPath(running.basis.place.file, console);
  const opening = { ...running, file, endsAt, exposedAt: args.address };
  for (const warning of [...running.basis.warnings, ...running.opened.warnings]) {
    console.stderr.write(`warning  ${sanitize(warning, MAX_WARNING)}\n`);
  }
  console.stdout.write(args.json ? renderOpeningJson(opening) : renderOpening(opening));
  await until(args.lifetimeMs, console.signal);
}

function until(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise.finally(() => clearTimeout(timer));
}

function close({ json }: Args, { opened: { gate: opened } }: Running, console: Console): ExitCode {
  const { refusals, unlistedRefusals, served } = opened;
  const render = json ? renderClosingJson : renderClosing;
  console.stdout.write(render(refusals, unlistedRefusals, served));
  if (refusals.some((each) => each.kind === 'finding' && each.level === 'error')) return EXIT.findings;
  return refusals.some(({ kind }) => kind === 'undecided') ? EXIT.undecided : EXIT.good;
}
