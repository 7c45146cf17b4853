import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a shell has to load; it asks `supplant __complete` at every TAB, so that it never gets out of date. */
export const SCRIPTS: Record<Shell, string> = {
  bash: `_supplant() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(supplant __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _supplant supplant
`,
  zsh: `#compdef supplant
_supplant() {
  local -a found
  found=(\${(f)"$(supplant __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a found || _files
}
compdef _supplant supplant
`,
  fish: `complete -c supplant -a '(supplant __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

/** What can stand where the last of the words is: commands, or options where it begins with a hyphen. */
export function listCandidates(program: Command, words: readonly string[]): string[] {
  const last = words.at(-1) ?? '';
  let command = program;
  for (const word of words.slice(0, -1)) {
    command = command.commands.find((each) => each.name() === word || each.aliases().includes(word)) ?? command;
  }
  const offered = last.startsWith('-') ? options(program, command) : names(command);
  return offered.filter((each) => each.startsWith(last));
}

function names(command: Command): string[] {
  return command.commands.map((each) => each.name()).filter((name) => !name.startsWith('_'));
}

function options(program: Command, command: Command): string[] {
  const all = [...command.options, ...(command === program ? [] : program.options)];
  return [...all.flatMap(({ long }) => long ?? []), '--help'];
}
