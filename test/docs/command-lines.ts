import { type Command, CommanderError } from 'commander';

/**
 * The words of the command lines that begin with `supplant` in a line of shell, without the program's own name. What the
 * shell does with them (pipes, redirections, comments) is cut off. A line with a gap, ` …`, is only part of one.
 */
export function commandLinesIn(text: string): string[][] {
  if (text.includes(' …')) return [];
  return splitCommands(text).flatMap((words) => {
    const rest = words.slice(words.findIndex((word) => !/^\w+=/.test(word)));
    const named = rest[0] === 'npx' ? rest.slice(1) : rest;
    return named[0] === 'supplant' ? [named.slice(1)] : [];
  });
}

/** A comment, a redirection with its file, what separates two commands, or a word. */
const TOKEN =
  /\s*(?:(#.*)|(\d?(?:>>?|<)(?:&\d|\s*\S+))|(\|\||&&|[|;])|((?:'[^']*'|"[^"]*"|[^\s'"|;&<>#]|(?<=\S)#|&(?!&))+))/gy;

function splitCommands(text: string): string[][] {
  const commands: string[][] = [[]];
  for (const [, comment, , separator, word] of text.matchAll(TOKEN)) {
    if (comment !== undefined) break;
    if (separator !== undefined) commands.push([]);
    else if (word !== undefined) commands.at(-1)?.push(word.replaceAll(/['"]/g, ''));
  }
  return commands;
}

/** What commander says of a command that is named without all that it needs. */
const INCOMPLETE = [
  'commander.missingArgument',
  'commander.missingMandatoryOptionValue',
  'commander.help',
  'commander.helpDisplayed',
  'commander.version',
];

/**
 * Parses a command line without carrying it out.
 * @param tree the program's commands; their actions are taken away
 * @param whole whether all that the command needs has to be there
 * @returns what is wrong with it
 */
export async function faultOf(
  tree: () => Command,
  words: readonly string[],
  whole: boolean,
): Promise<string | undefined> {
  const program = tree();
  disarm(program);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return !whole && INCOMPLETE.includes(error.code) ? undefined : error.message;
  }
}

function disarm(command: Command): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const each of command.commands) disarm(each);
}
