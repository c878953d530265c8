import type { Console } from './console.ts';
import { lookAround } from './surroundings.ts';

/** Settings beside the lockfile that make the package manager go by something else, as `<setting> in <file>`. */
export async function bypassesOf(file: string, console: Console): Promise<readonly string[]> {
  const { bypasses } = await lookAround(file, console);
  return bypasses.map(({ setting, file: where }) => `${setting} in ${where}`);
}
