// The manual page, in mdoc(7), from what the commands declare.
import type { CommandDescription, OptionDescription } from './describe.ts';

/** lockseal(1). Same commands, same bytes. */
export function manualPage(commands: readonly CommandDescription[]): string {
  const shared = sharedGroups(commands);
  const lines = [
    ...HEAD,
    '.Sh COMMANDS',
    ...commands.flatMap((command) => commandLines(command, shared)),
    '.Sh OPTIONS',
    ...[...shared.values()].flatMap(({ title, options }) => [`.Ss ${escape(title)}`, ...optionList(options)]),
    ...TAIL,
  ];
  return `${lines.join('\n')}\n`;
}

const HEAD = [
  '.\\" Made by scripts/man.ts from what the commands declare; edit those.',
  '.Dd $Mdocdate$',
  '.Dt LOCKSEAL 1',
  '.Os',
  '.Sh NAME',
  '.Nm lockseal',
  '.Nd prove, approve and enforce what a JavaScript lockfile locks',
  '.Sh SYNOPSIS',
  '.Nm',
  '.Ar command',
  '.Op Ar options',
  '.Sh DESCRIPTION',
  '.Nm',
  'proves from a lockfile alone where every locked dependency comes from, judges that by a policy kept in the',
  'repository, signs what people approve, and refuses a lockfile that nobody approved.',
  'Nothing is installed and no code of a package runs.',
  'It never says that code is harmless.',
] as const;

const TAIL = [
  '.Sh EXIT STATUS',
  '.Bl -tag -width Ds',
  '.It 0',
  'good',
  '.It 1',
  'findings at error level, or no approval',
  '.It 2',
  'wrong usage or configuration',
  '.It 3',
  'could not decide; never a pass',
  '.It 4',
  'a fault of',
  '.Nm',
  '.El',
  '.Sh ENVIRONMENT',
  '.Bl -tag -width Ds',
  '.It Ev NO_COLOR , FORCE_COLOR , TERM',
  'whether to use colours',
  '.It Ev LOCKSEAL_KEY_PASSPHRASE',
  'passphrase of a private key',
  '.El',
  '.Sh SEE ALSO',
  '.Xr git 1 ,',
  '.Xr npm 1',
];

interface Group {
  readonly title: string;
  readonly options: readonly OptionDescription[];
}

/** Options of one heading that several commands take alike are told once. */
function sharedGroups(commands: readonly CommandDescription[]): ReadonlyMap<string, Group> {
  const uses = Map.groupBy(
    commands.flatMap(({ options }) => groupsOf(options)),
    ({ title }) => title,
  );
  const shared = [...uses].filter(([, groups]) => groups.length > 1 && groups.every((each) => sameAs(each, groups[0])));
  return new Map(shared.map(([title, [group]]) => [title, group ?? { title, options: [] }]));
}

function groupsOf(options: readonly OptionDescription[]): Group[] {
  const titled = options.filter(({ group }) => group !== undefined);
  return [...Map.groupBy(titled, ({ group }) => group ?? '')].map(([title, each]) => ({ title, options: each }));
}

function sameAs({ options }: Group, other: Group | undefined): boolean {
  return JSON.stringify(options) === JSON.stringify(other?.options);
}

function commandLines(command: CommandDescription, shared: ReadonlyMap<string, Group>): string[] {
  const { usage, describe, positionals, options, examples } = command;
  const own = options.filter(({ group }) => group === undefined || !shared.has(group));
  const others = [
    ...new Set(options.flatMap(({ group }) => (group !== undefined && shared.has(group) ? [group] : []))),
  ];
  return [
    `.Ss lockseal ${escape(usage)}`,
    `${escape(describe)}.`,
    ...(others.length === 0 ? [] : [`Takes the options under ${others.map(escape).join(', ')}, too.`]),
    ...(positionals.length === 0 ? [] : argumentList(positionals)),
    ...(own.length === 0 ? [] : optionList(own)),
    ...exampleLines(examples),
  ];
}

function argumentList(positionals: readonly OptionDescription[]): string[] {
  const items = positionals.flatMap(({ name, describe }) => [`.It Ar ${escape(name)}`, escape(describe)]);
  return ['.Bl -tag -width Ds', ...items, '.El'];
}

function optionList(options: readonly OptionDescription[]): string[] {
  const items = options.flatMap(({ name, alias, takesValue, describe }) => {
    const short = alias === undefined ? '' : `Fl ${escape(alias)} , `;
    const value = takesValue ? ' Ns = Ns Ar value' : '';
    return [`.It ${short}Fl Fl ${escape(name)}${value}`, escape(describe)];
  });
  return ['.Bl -tag -width Ds', ...items, '.El'];
}

function exampleLines(examples: CommandDescription['examples']): string[] {
  if (examples.length === 0) return [];
  const items = examples.flatMap(([command, describe]) => [`.It Li ${argument(command)}`, escape(describe)]);
  return ['.Pp', 'Examples:', '.Bl -tag -width Ds', ...items, '.El'];
}

/** Text that roff shows as it is: no escape, no request at the start of a line, no dash that becomes a hyphen. */
function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^[.']/, (sign) => `\\&${sign}`);
}

/** One argument of a macro. */
function argument(text: string): string {
  return `"${escape(text)}"`;
}
