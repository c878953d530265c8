// Scripts that complete a command line in a shell. They hold every command and option themselves: asking lockseal at
// each press of the key, as yargs' own scripts do, would start a Node each time.
import type { CommandDescription, OptionDescription } from './describe.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The script for a shell; the first line says how it is installed. */
export function completionScript(shell: Shell, commands: readonly CommandDescription[]): string {
  return SCRIPTS[shell](commands);
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandDescription[]) => string>> = { bash, zsh, fish };

const HELP: OptionDescription = {
  name: 'help',
  describe: 'Show help',
  takesValue: false,
  alias: 'h',
  group: undefined,
  choices: [],
};

/** What can follow `lockseal`, or `lockseal policy`. */
interface Word {
  readonly word: string;
  readonly describe: string;
}

function wordsAfter(prefix: readonly string[], commands: readonly CommandDescription[]): Word[] {
  const words = new Map<string, string>();
  for (const { name, describe } of commands) {
    const parts = name.split(' ');
    const word = parts[prefix.length];
    if (word === undefined || !prefix.every((each, index) => parts[index] === each)) continue;
    const isGroup = parts.length > prefix.length + 1;
    if (!words.has(word)) words.set(word, isGroup ? '' : describe);
  }
  return [...words].map(([word, describe]) => ({ word, describe }));
}

/** Commands that only have commands: `policy`, `trust`. */
function groupsOf(commands: readonly CommandDescription[]): string[] {
  return [...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])))];
}

function bash(commands: readonly CommandDescription[]): string {
  const groups = groupsOf(commands);
  return `# lockseal completion bash > ~/.local/share/bash-completion/completions/lockseal
_lockseal() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words= values=
  case $command in ${groups.join('|') || "''"}) command="$command \${COMP_WORDS[2]}" ;; esac
  if [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [ "$word" = = ]; then previous=\${COMP_WORDS[COMP_CWORD-1]} word=; fi
  case "$command $previous" in
${valueCases(commands, (pattern, values) => `    ${pattern}) values='${values.join(' ')}' ;;`)}
  esac
  if [ -n "$values" ]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
    return
  fi
  case "$COMP_CWORD $command" in
    "1 "*) words='${plain(wordsAfter([], commands))}' ;;
${groups.map((group) => `    "2 ${group} "*) words='${plain(wordsAfter([group], commands))}' ;;`).join('\n')}
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    return
  fi
  case $command in
${commands.map((each) => `    ${quoted(each.name)}) words='${optionWords(each)}' ;;`).join('\n')}
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _lockseal lockseal
`;
}

function plain(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(' ');
}

function optionWords({ options }: CommandDescription): string {
  return [...options, HELP].map(({ name }) => `--${name}`).join(' ');
}

/** One case for each option with a closed list of values. */
function valueCases(
  commands: readonly CommandDescription[],
  line: (pattern: string, values: readonly string[]) => string,
): string {
  const cases = commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map((option) => line(quoted(`${name} --${option.name}`), option.choices)),
  );
  return cases.join('\n');
}

function zsh(commands: readonly CommandDescription[]): string {
  const groups = groupsOf(commands);
  const functions = commands.map(({ name, options, positionals }) => {
    const lines = [...options, HELP].map((option) => `    ${zshOption(option)}`);
    return `  ${quoted(name)})\n    _arguments -s \\\n${lines.join(' \\\n')}${positionals.length > 0 ? " \\\n    '*:file:_files'" : ''}\n    ;;`;
  });
  return `#compdef lockseal
# lockseal completion zsh > "\${fpath[1]}/_lockseal"
_lockseal() {
  local command=$words[2]
  if (( CURRENT == 2 )); then
    local -a commands=(
${zshWords(wordsAfter([], commands))}
    )
    _describe command commands
    return
  fi
  case $command in
${groups
  .map(
    (group) => `  ${group})
    if (( CURRENT == 3 )); then
      local -a actions=(
${zshWords(wordsAfter([group], commands))}
      )
      _describe action actions
      return
    fi
    command="$command $words[3]"
    shift words; (( CURRENT-- ))
    ;;`,
  )
  .join('\n')}
  esac
  shift words; (( CURRENT-- ))
  case $command in
${functions.join('\n')}
  esac
}
if [ "$funcstack[1]" = _lockseal ]; then _lockseal "$@"; else compdef _lockseal lockseal; fi
`;
}

function zshWords(words: readonly Word[]): string {
  return words.map(({ word, describe }) => `      ${quoted(`${word}:${zshText(describe)}`)}`).join('\n');
}

function zshOption({ name, describe, takesValue, choices }: OptionDescription): string {
  const value = choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files';
  return quoted(`--${name}${takesValue ? '=' : ''}[${zshText(describe)}]${takesValue ? value : ''}`);
}

function zshText(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, (sign) => `\\${sign}`);
}

function fish(commands: readonly CommandDescription[]): string {
  const groups = groupsOf(commands);
  const head = '# lockseal completion fish > ~/.config/fish/completions/lockseal.fish\ncomplete -c lockseal -f\n';
  const first = wordsAfter([], commands).map((word) => fishWord('__fish_use_subcommand', word));
  const second = groups.flatMap((group) => {
    const actions = wordsAfter([group], commands);
    const none = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${plain(actions)}`;
    return actions.map((word) => fishWord(none, word));
  });
  const options = commands.flatMap((command) => {
    const seen = command.name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const condition = seen.join('; and ');
    const files = command.positionals.length > 0 ? [`complete -c lockseal -n ${fishQuoted(condition)} -F`] : [];
    return [...files, ...[...command.options, HELP].map((option) => fishOption(condition, option))];
  });
  return `${head}${[...first, ...second, ...options].join('\n')}\n`;
}

function fishWord(condition: string, { word, describe }: Word): string {
  const text = describe === '' ? '' : ` -d ${fishQuoted(describe)}`;
  return `complete -c lockseal -n ${fishQuoted(condition)} -a ${word}${text}`;
}

function fishOption(condition: string, { name, describe, takesValue, alias, choices }: OptionDescription): string {
  const short = alias === undefined ? '' : ` -s ${alias}`;
  const values = choices.length > 0 ? ` -x -a ${fishQuoted(choices.join(' '))}` : ' -r -F';
  const value = takesValue ? values : '';
  return `complete -c lockseal -n ${fishQuoted(condition)} -l ${name}${short}${value} -d ${fishQuoted(describe)}`;
}

/** A word of bash or zsh in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** In fish a backslash is special even there. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (sign) => `\\${sign}`)}'`;
}
