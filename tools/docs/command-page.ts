import type { Argument, Command, Option } from 'commander';

const HEAD = `# Commands

What \`supplant --help\` says, and \`--help\` of each command, in one page. Generated from the program: \`npm run docs:cli\`
writes it anew. In a checkout, type \`npx supplant …\`. How commands end is in [exit codes](exit-codes.md).

SERVICE is NAME/ENVIRONMENT; NAME is enough where there is one environment of it.
`;

/** The reference page of a program's commands, in Markdown that prettier leaves as it is. */
export function commandPage(program: Command): string {
  const sections = leaves(program).map(([path, command]) => commandSection(path, command));
  return [HEAD, `## Options of every command\n\n${optionTable(program.options)}`, ...sections].join('\n');
}

/** The commands that do something, with the words that lead to each. Hidden ones are for programs. */
export function leaves(program: Command, path: readonly string[] = []): [string[], Command][] {
  return program.commands
    .filter((command) => !command.name().startsWith('_') && command.name() !== 'help')
    .flatMap((command) => {
      const words = [...path, command.name()];
      return command.commands.length > 0 ? leaves(command, words) : [[words, command] as [string[], Command]];
    });
}

function commandSection(path: readonly string[], command: Command): string {
  const usage = ['supplant', ...path, ...command.registeredArguments.map(argumentWord)].join(' ');
  const aliases = command.aliases().map((alias) => `\`supplant ${alias}\``);
  return [
    `## \`supplant ${path.join(' ')}\``,
    `${sentence(command.description())}${aliases.length > 0 ? ` Also ${aliases.join(', ')}.` : ''}`,
    `\`\`\`\n${usage}${command.options.length > 0 ? ' [options]' : ''}\n\`\`\``,
    ...(command.registeredArguments.length > 0 ? [argumentTable(command.registeredArguments)] : []),
    ...(command.options.length > 0 ? [optionTable(command.options)] : []),
  ]
    .map((part) => part.trimEnd())
    .join('\n\n')
    .concat('\n');
}

function argumentWord(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function argumentTable(args: readonly Argument[]): string {
  return table(
    ['argument', 'meaning', 'default'],
    args.map((each) => [code(argumentWord(each)), each.description, fallback(each.defaultValue)]),
  );
}

function optionTable(options: readonly Option[]): string {
  return table(
    ['option', 'meaning', 'default'],
    options.map((each) => [
      code(each.flags),
      each.description,
      each.mandatory ? 'required' : each.negate ? '' : fallback(each.defaultValue),
    ]),
  );
}

function fallback(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? code(String(value)) : '';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** As prettier aligns it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map(
    (row) => `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return `${[lines[0], rule, ...lines.slice(1)].join('\n')}\n`;
}
