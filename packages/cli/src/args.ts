import { LocksealError } from '@lockseal/core/approval';

/** What yargs hands a command: untyped, and under its own rules a string option may come as false, '' or an array. */
export type RawArgs = Readonly<Record<string, unknown>>;

/**
 * The value of an option that takes one text. Refuses an empty one and one given twice: yargs would pass the first on
 * and let the last win.
 * @throws LocksealError ERR_USAGE
 */
export function textOption(args: RawArgs, name: string): string | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value)) throw usage(`--${name} was given ${value.length} times.`, `Give --${name} once.`);
  if (typeof value !== 'string' || value === '') throw usage(`--${name} needs a value.`, `Write --${name}=<value>.`);
  return value;
}

/** The values of an option that may be given several times. @throws LocksealError ERR_USAGE for an empty one */
export function listOption(args: RawArgs, name: string): readonly string[] {
  const value = args[name];
  const values: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.flatMap((each) => textOption({ [name]: each }, name) ?? []);
}

/** @throws LocksealError ERR_USAGE unless the value is one of `choices` */
export function choiceOption<const Choice extends string>(
  args: RawArgs,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = textOption(args, name);
  if (value === undefined) return undefined;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw new LocksealError('ERR_USAGE', `--${name} does not take "${value}".`, {
    expected: choices.join(', '),
    found: value,
    hint: `Write --${name}=${choices[0]}.`,
  });
}

/**
 * The values of an option that takes `<name>=<value>` and may be given several times.
 * @throws LocksealError ERR_USAGE unless every name is one of `names` and every value says something
 */
export function pairsOption<const Name extends string>(
  args: RawArgs,
  name: string,
  names: readonly Name[],
): readonly (readonly [Name, string])[] {
  return listOption(args, name).map((text) => {
    const at = text.indexOf('=');
    const [given, value] = [text.slice(0, at), text.slice(at + 1)];
    const known = names.find((each) => each === given);
    if (known !== undefined && value !== '') return [known, value];
    throw new LocksealError('ERR_USAGE', `--${name} does not take "${text}".`, {
      expected: `<name>=<value>, with the name one of ${names.join(', ')}`,
      found: text,
      hint: `Write --${name}=${names[0]}=<value>.`,
    });
  });
}

/** @throws LocksealError ERR_USAGE unless it is a plain flag, given at most once */
export function flagOption(args: RawArgs, name: string): boolean {
  const value = args[name];
  if (value === undefined || value === false) return false;
  if (value === true) return true;
  throw usage(`--${name} is a flag and takes no value.`, `Write --${name} alone, once.`);
}

/** @throws LocksealError ERR_USAGE unless it is a whole number from `least` to `most` */
export function numberOption(args: RawArgs, name: string, least: number, most: number): number | undefined {
  const value = textOption(args, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return number;
  throw new LocksealError('ERR_USAGE', `--${name} does not take "${value}".`, {
    expected: `a whole number from ${least} to ${most}`,
    found: value,
  });
}

function usage(message: string, hint: string): LocksealError {
  return new LocksealError('ERR_USAGE', message, { hint });
}
