import { targetOf } from './layout.ts';
import { START_SCRIPT_LINES } from './start-script-lines.ts';

/** What a start script in a `.bin` folder does, or why that cannot be told. */
export type StartScript =
  | {
      readonly type: 'script';
      readonly starts: readonly Start[];
      /** A module folder outside of the project that it lets the program load from. */
      readonly outside: string | undefined;
    }
  | { readonly type: 'strange'; readonly reason: string };

/** One way in which it starts its program. */
export interface Start {
  /** As written. */
  readonly text: string;
  /** undefined: outside of the project. */
  readonly place: string | undefined;
  /** The interpreter with its arguments; undefined: the file is started by itself, or only named. */
  readonly interpreter: string | undefined;
}

const TARGET = String.raw`(?:"\$basedir/([^"$\`\\]+)"|"\$basedir_(?:abs|win)"/'([^']+)') +"\$@"$`;
/** An interpreter, with what the first line of the program gives it: `exec node --flag "$basedir/../odd/cli.js" "$@"`. */
const EXEC = new RegExp(String.raw`^exec (?:"\$basedir/([\w./+-]+)"|([\w./+-]+))((?: [\w./=+:,@-]+)*) {1,2}${TARGET}`);
/** The file itself, where it is a program that the system runs. */
const EXEC_FILE = new RegExp(`^(?:exec )?${TARGET}`);
const NODE_PATH =
  /^export NODE_PATH=((?:"[^"$`\\]+(?::\$NODE_PATH)?"|'[^']+'|"\$basedir_abs"\/'[^']+'|:"\$NODE_PATH"|:)+)$/;
const COMMENT = /^# cmd-shim-target=(.+)$/;
const TEST = /^(?:el)?if (?:\[ -n "\$exe" \] && )?\[ -x "\$basedir\/[\w./+-]+" \]; then$/;
const COMMAND = /^elif (?:\[ -n "\$(?:msys|exe)" \] && )?command -v [\w./+-]+ >\/dev\/null 2>&1; then$/;

/**
 * Reads a start script as pnpm's cmd-shim writes them. Every line must be one that it writes, by itself or with a path
 * filled in, so that nothing can have been added; a script with any other line is not believed.
 */
export function readScript(bytes: Buffer | undefined, place: string, root: string): StartScript {
  if (bytes === undefined) return strange('it is larger than a start script');
  const lines = bytes.toString('utf8').trimEnd().split('\n');
  if (lines[0] !== '#!/bin/sh') return strange('it is no script that package managers write');
  const starts: Omit<Start, 'place'>[] = [];
  const modules: string[] = [];
  for (const [index, line] of lines.entries()) {
    const read = readLine(line.trim());
    if (read === undefined) return strange(`line ${index + 1} is none that start scripts have`);
    starts.push(...read.starts);
    modules.push(...read.modules);
  }
  if (starts.length === 0) return strange('it starts nothing');
  const outside = modules.find((folder) => !isModulesBelow(folder, place, root));
  return {
    type: 'script',
    starts: starts.map((start) => ({ ...start, place: targetOf(place, start.text, root) })),
    outside,
  };
}

interface Line {
  readonly starts: readonly Omit<Start, 'place'>[];
  readonly modules: readonly string[];
}

const PLAIN: Line = { starts: [], modules: [] };

/** undefined: no line of a start script. */
function readLine(line: string): Line | undefined {
  const named = COMMENT.exec(line)?.[1];
  if (named !== undefined) return startOf(named, undefined);
  if (line.startsWith('#') || START_SCRIPT_LINES.has(line) || TEST.test(line) || COMMAND.test(line)) return PLAIN;
  const run = EXEC.exec(line);
  if (run !== null) {
    const [, beside, found, flags = '', plain, quoted] = run;
    return startOf(plain ?? quoted ?? '', `${beside ?? found ?? ''}${flags}`.replace(/^node\.exe\b/, 'node'));
  }
  const file = EXEC_FILE.exec(line);
  if (file !== null) return startOf(file[1] ?? file[2] ?? '', undefined);
  const folders = NODE_PATH.exec(line)?.[1];
  return folders === undefined ? undefined : { ...PLAIN, modules: foldersOf(folders) };
}

function startOf(text: string, interpreter: string | undefined): Line {
  return { ...PLAIN, starts: [{ text, interpreter }] };
}

/** `"/a:/b:$NODE_PATH"`, `'/a:/b'`, or `"$basedir_abs"/'../a':"$basedir_abs"/'../b':"$NODE_PATH"`. */
function foldersOf(text: string): readonly string[] {
  const plain = text.replaceAll(/"\$basedir_abs"\/|["']/g, '');
  return plain.split(':').filter((folder) => folder !== '' && folder !== '$NODE_PATH');
}

function isModulesBelow(folder: string, place: string, root: string): boolean {
  const target = targetOf(place, folder, root);
  return target !== undefined && target.endsWith('node_modules');
}

function strange(reason: string): StartScript {
  return { type: 'strange', reason };
}
