import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { CommandContext } from './context.ts';
import { OutputLost, UsageError } from './errors.ts';
import { EXIT, exitCodeTable } from './exit-codes.ts';
import { readPackageVersion } from '../package-version.ts';
import { openSession } from './session.ts';
import { type CommonOptions, Terminal } from './terminal.ts';
import { addChanges } from './tree/changes.ts';
import { addChangeStops } from './tree/change-stops.ts';
import { addDrift } from './tree/drift.ts';
import { addEnvironments } from './tree/environments.ts';
import { addDrill, addExperiments, addReaper, addResults } from './tree/experiments.ts';
import { addHosts } from './tree/hosts.ts';
import { addLooks } from './tree/looks.ts';
import { addAudit, addBackups } from './tree/record.ts';
import { addPreviews } from './tree/previews.ts';
import { addRunning } from './tree/running.ts';
import { addSettingUp } from './tree/setting-up.ts';
import type { Call, Action } from './tree/shared.ts';
import { addVerbs, addNotes } from './tree/steering.ts';

/** Runs one command line, without the program's name, and returns its exit code. Never throws. */
export async function run(
  args: readonly string[],
  context: CommandContext,
  exitNow: (code: number) => void,
): Promise<number> {
  const code = await carryOut(args, context, exitNow);
  const lost = await context.stdout.flush();
  await context.stderr.flush();
  if (!lost || code !== EXIT.ok.code) return code;
  const why = `what this command had to say could not be written: ${lost.message}`;
  const suggestion = 'it was carried out all the same';
  return new Terminal(context, guessOptions(args)).error(new OutputLost(why, suggestion));
}

async function carryOut(
  args: readonly string[],
  context: CommandContext,
  exitNow: (code: number) => void,
): Promise<number> {
  const call: Call = { exitCode: EXIT.ok.code, session: undefined, context, exitNow };
  const program = buildProgram(call);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return call.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError))
      return (call.session?.terminal ?? new Terminal(context, guessOptions(args))).error(error);
    if (error.exitCode === 0) return EXIT.ok.code;
    // Help asked for by leaving out the command is on stderr already.
    if (error.code === 'commander.help') return EXIT.usage.code;
    return new Terminal(context, guessOptions(args)).error(usageError(error));
  }
}

function usageError(error: CommanderError): UsageError {
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const meant = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  return new UsageError(message, { suggestion: meant === '' ? 'add --help to see what can be said' : meant });
}

/** What can be known of the options of a command line that cannot be parsed. */
function guessOptions(args: readonly string[]): CommonOptions {
  const text = args.join(' ');
  const output = /(?:^| )(?:-o ?|--output[ =])json(?: |$)/.test(text) ? 'json' : 'text';
  return { output, color: !args.includes('--no-color'), quiet: false, verbose: args.includes('--verbose') };
}

/** All commands and their options, to be described rather than run. */
export function commandTree(context: CommandContext): Command {
  return buildProgram({ exitCode: EXIT.ok.code, session: undefined, context, exitNow: () => undefined });
}

function buildProgram(call: Call): Command {
  const { context } = call;
  const program = new Command('supplant')
    .description('Replaces running services instead of changing them.')
    .option('-o, --output <format>', 'text, or json for programs', outputFormat, 'text')
    .option('--data <folder>', 'where `supplant dev` keeps its state (else $SUPPLANT_DATA, else .supplant)')
    .option('--context <name>', 'which gateway to talk to, by its name in the contexts file (else $SUPPLANT_CONTEXT)')
    .option('--no-color', 'no colours, as with $NO_COLOR')
    .option('-q, --quiet', 'no progress, and no words when all went well', false)
    .option('--verbose', 'show where in the program an error came from', false)
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth(context.stdout.columns),
      getErrHelpWidth: () => helpWidth(context.stderr.columns),
    })
    .exitOverride()
    .addHelpText('before', EXAMPLES)
    .addHelpText(
      'after',
      `\nSERVICE is NAME/ENVIRONMENT; NAME is enough where there is one environment of it.\n\n${exitCodeTable()}`,
    );
  const perform = async (action: Action): Promise<void> => {
    call.session = openSession(context, program.opts<CommonOptions>());
    call.exitCode = await action(call.session);
  };
  addRunning(program, perform, call);
  addChanges(program, perform);
  program.version(readPackageVersion(), '-V, --version', 'print the version');
  addVerbs(program, perform);
  addNotes(program, perform);
  addChangeStops(program, perform);
  addLooks(program, perform);
  addExperiments(program, perform);
  addPreviews(program, perform);
  addDrill(program, perform);
  addResults(program, perform);
  addDrift(program, perform);
  addReaper(program, perform);
  addHosts(program, perform);
  addAudit(program, perform);
  addBackups(program, perform);
  addEnvironments(program, perform);
  addSettingUp(program, perform, call);
  return program;
}

const EXAMPLES = `Examples:
  supplant dev                                  everything on this machine, until Ctrl-C
  supplant apply -f supplant.yaml               make a service be as described
  supplant deploy web --artifact npm:http-server@14.1.1
  supplant watch web                            see what happens
  supplant rollback web                         back to the revision before
  supplant why web                              what happened, or what it waits for
`;

function outputFormat(text: string): 'text' | 'json' {
  if (text === 'text' || text === 'json') return text;
  throw new InvalidArgumentError('Use text or json.');
}

function helpWidth(columns: number): number {
  return Math.min(Math.max(columns, 40), 100);
}
