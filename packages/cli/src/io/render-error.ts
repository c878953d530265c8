import type { LocksealError } from '@lockseal/core';
import { ansiStyle, plainStyle, sanitize, type Style } from '@lockseal/report';
import { sourceStack } from './source-stack.ts';
import { wantsColour, type Console } from './console.ts';

/** The style for a stream: colours where they are wanted, signs beyond ASCII on a UTF-8 terminal only. */
export function styleFor(stream: Console['stdout'], env: Console['env']): Style {
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '';
  const unicode = stream.isTTY === true && /utf-?8/i.test(locale);
  return wantsColour(stream, env) ? ansiStyle(unicode) : plainStyle(unicode);
}

/** An error as a person wants to read it: what, where, expected, found, what to do. */
export function renderError(error: LocksealError, console: Console): string {
  const style = styleFor(console.stderr, console.env);
  const { file, position, expected, found, hint } = error.details;
  const place =
    file === undefined ? undefined : position === undefined ? file : `${file}:${position.line}:${position.column}`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['at', place],
    ['expected', expected],
    ['found', found],
    ['do', hint],
  ];
  const lines = rows.flatMap(([label, text]) =>
    text === undefined ? [] : [`  ${label.padEnd(8)}  ${sanitize(text, 1000)}`],
  );
  const head = `${style.paint('error', error.code)} ${sanitize(error.message, 1000)}`;
  const fault = error.code === 'ERR_INTERNAL' ? [faultLine(error)] : [];
  return `${[head, ...lines, ...fault].join('\n')}\n`;
}

function faultLine(error: LocksealError): string {
  const origin = error.cause instanceof Error ? error.cause : error;
  const lines = sourceStack(origin.stack ?? origin.message)
    .split('\n')
    .slice(0, 30);
  const shown = lines.map((line) => `    ${sanitize(line.trim(), 300)}`);
  return ['  This is a fault of lockseal. Please report it with these lines:', ...shown].join('\n');
}
