/** A command as a shell completes it. */
export interface CompletionNode {
  /** Names from the program down, such as `dlq list`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletionOption[];
}

interface CompletionOption {
  /** `--class` */
  readonly flag: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that a shell sources to complete `name`. */
export function completionScript(shell: Shell, name: string, nodes: readonly CompletionNode[]): string {
  switch (shell) {
    case 'bash':
      return bash(name, nodes);
    case 'zsh':
      // zsh runs bash's completions by itself; its own form would say the same a second time.
      return `autoload -U +X compinit && compinit -u\nautoload -U +X bashcompinit && bashcompinit\n${bash(name, nodes)}`;
    case 'fish':
      return fish(name, nodes);
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const functionOf = (name: string): string => `_${name.replaceAll(/[^A-Za-z0-9]/g, '_')}_complete`;

function bash(name: string, nodes: readonly CompletionNode[]): string {
  const cases = nodes.flatMap(({ path, commands, options }) => {
    const words = [...commands.map((command) => command.name), ...options.map(({ flag }) => flag)];
    return [`    ${quoted(path)}) words=${quoted(words.join(' '))} ;;`];
  });
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `${functionOf(name)}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at='' words='' word next index
  COMPREPLY=()
  for (( index = 1; index < COMP_CWORD; index++ )); do
    word="\${COMP_WORDS[index]}"
    next="\${at:+$at }$word"
    case "$next" in
      ${paths.join('|')}) at="$next" ;;
    esac
  done
  case "$before" in
${valueCases(nodes)}
  esac
  case "$at" in
${cases.join('\n')}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -o default -F ${functionOf(name)} ${name}
`;
}

/** Values that are known are offered; behind other options with a value nothing of ours is. */
function valueCases(nodes: readonly CompletionNode[]): string {
  const options = new Map(
    nodes.flatMap((node) => node.options.map((option) => [option.flag, option] as const)),
  );
  const taking = [...options.values()].filter(({ takesValue }) => takesValue);
  return taking
    .map(({ flag, values }) =>
      values.length > 0
        ? `    ${flag}) COMPREPLY=( $(compgen -W ${quoted(values.join(' '))} -- "$current") ); return ;;`
        : `    ${flag}) return ;;`,
    )
    .join('\n');
}

function fish(name: string, nodes: readonly CompletionNode[]): string {
  const lines = nodes.flatMap(({ path, commands, options }) => {
    const condition = quoted(fishCondition(path, commands));
    return [
      ...commands.map(
        (command) =>
          `complete -c ${name} -f -n ${condition} -a ${command.name} -d ${quoted(command.description)}`,
      ),
      ...options.map(({ flag, description, takesValue, values }) =>
        [
          `complete -c ${name} -n ${quoted(fishSeen(path))} -l ${flag.slice(2)}`,
          ...(takesValue ? ['-x'] : []),
          ...(values.length > 0 ? [`-a ${quoted(values.join(' '))}`] : []),
          `-d ${quoted(description)}`,
        ].join(' '),
      ),
    ];
  });
  return `complete -c ${name} -f\n${lines.join('\n')}\n`;
}

const fishSeen = (path: string): string =>
  path === ''
    ? 'true'
    : path
        .split(' ')
        .map((word) => `__fish_seen_subcommand_from ${word}`)
        .join('; and ');

function fishCondition(path: string, commands: CompletionNode['commands']): string {
  if (path === '') return '__fish_use_subcommand';
  const names = commands.map(({ name }) => name).join(' ');
  return `${fishSeen(path)}; and not __fish_seen_subcommand_from ${names}`;
}
