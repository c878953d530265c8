/** A word as any shell reads it again, whatever it holds; NUL can be in no word. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The descriptor on which the launcher tells its process id. */
export const PID_FD = 3;

/**
 * A program that stands where npm expects a shell: `<launcher> -c <script>`. It tells its process id, which it keeps, and
 * becomes the command.
 * @param command words before `/bin/sh -c <script>`
 */
export function launcherText(command: readonly string[], before: readonly string[]): string {
  return [
    '#!/bin/sh',
    `echo $$ >&${PID_FD}`,
    `exec ${PID_FD}>&-`,
    ...before,
    `exec ${[...command, '/bin/sh'].map(quote).join(' ')} "$@"`,
    '',
  ].join('\n');
}
