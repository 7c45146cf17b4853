import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import type { RolloutVerb } from '../client/api.ts';
import type { AuditFilter } from './commands/audit.ts';
import type { ChangeOptions } from './commands/change.ts';
import type { DevCommandOptions } from './commands/dev.ts';
import type { Note } from './commands/note.ts';
import type { ServerOptions } from './commands/server.ts';
import type { TokenOptions } from './commands/token.ts';
import { SCRIPTS, SHELLS, type Shell, candidates } from './completion.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './errors.ts';
import { EXIT, exitCodeTable } from './exit-codes.ts';
import { openSession, type Session } from './session.ts';
import { stored, type StoreOption } from './store-option.ts';
import { type CommonOptions, Terminal } from './terminal.ts';

/** Runs one command line, without the program's name, and returns its exit code. Never throws. */
export async function run(
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

/** One command line on its way through the program. */
interface Call {
  exitCode: number;
  session: Session | undefined;
  readonly context: CommandContext;
  readonly exitNow: (code: number) => void;
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

type Action = (session: Session) => Promise<number>;

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
  addVerbs(program, perform);
  addNotes(program, perform);
  addLooks(program, perform);
  addAudit(program, perform);
  addBackups(program, perform);
  addSettingUp(program, perform, call);
  return program;
}

/** Only what a command needs is loaded, so that help and errors come at once. */
const load = {
  act: () => import('./commands/act.ts'),
  audit: () => import('./commands/audit.ts'),
  backup: () => import('./commands/backup.ts'),
  change: () => import('./commands/change.ts'),
  dev: () => import('./commands/dev.ts'),
  init: () => import('./commands/init.ts'),
  look: () => import('./commands/look.ts'),
  note: () => import('./commands/note.ts'),
  server: () => import('./commands/server.ts'),
  token: () => import('./commands/token.ts'),
};

type Perform = (action: Action) => Promise<void>;

const EXAMPLES = `Examples:
  supplant dev                                  everything on this machine, until Ctrl-C
  supplant apply -f supplant.yaml               make a service be as described
  supplant deploy web --artifact npm:http-server@14.1.1
  supplant watch web                            see what happens
  supplant rollback web                         back to the revision before
  supplant why web                              what happened, or what it waits for
`;

/** For an option that may be given several times. */
function repeated(value: string, before: string[] = []): string[] {
  return [...before, value];
}

const SERVICE: [string, string] = ['<service>', 'NAME/ENVIRONMENT, such as web/production'];

function addRunning(program: Command, perform: Perform, call: Call): void {
  stored(program.command('dev'))
    .description('run all of Supplant on this machine, until Ctrl-C')
    .option('--listen <address>', 'where to serve the API (default: 127.0.0.1:7700, or a free port)')
    .option('--access <file>', 'who may do what; needed wherever others can get in')
    .option('--blueprint <file>', 'a further blueprint for services to use (repeatable)', repeated)
    .action((options: DevCommandOptions) =>
      perform(async (session) => (await load.dev()).dev(session, options, call.exitNow)),
    );
  stored(program.command('server'))
    .description('serve the API for a Temporal elsewhere; `dev` has one of its own')
    .option('--listen <address>', 'HOST:PORT', '127.0.0.1:7700')
    .option('--access <file>', 'who may do what; needed wherever others can get in')
    .option('--tls-cert <file>', 'its certificate, PEM')
    .option('--tls-key <file>', "the certificate's key, PEM")
    .action((options: ServerOptions) =>
      perform(async (session) => (await load.server()).server(session, options, call.exitNow)),
    );
  program
    .command('init')
    .description('write a commented supplant.yaml for a first service')
    .argument('[file]', 'where to write it', 'supplant.yaml')
    .action((file: string) => perform(async (session) => (await load.init()).init(session, file)));
}

function addSettingUp(program: Command, perform: Perform, { context }: Call): void {
  program
    .command('token')
    .description('tokens for callers of the API')
    .command('create')
    .description('make one, and say what the access file needs')
    .requiredOption('--name <name>', 'who it is for, such as ci')
    .requiredOption('--role <role>', 'viewer, deployer, approver or admin')
    .option('--service <pattern...>', "which services, such as 'web/*' (default: all)")
    .option('--expires <date>', 'until when, such as 2027-01-31')
    .action((options: TokenOptions) => perform(async (session) => (await load.token()).create(session, options)));
  program
    .command('completion')
    .description('what a shell has to load to complete commands at TAB')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .action((shell: Shell) => context.stdout.write(SCRIPTS[shell]));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) =>
      context.stdout.write(
        candidates(program, words)
          .map((word) => `${word}\n`)
          .join(''),
      ),
    );
}

function addChanges(program: Command, perform: Perform): void {
  changing(program.command('apply'))
    .description('make a service be as its manifest describes it')
    .requiredOption('-f, --file <file>', 'the manifest; - reads standard input')
    .action((options: ChangeOptions & { file: string }) =>
      perform(async (session) => (await load.change()).apply(session, options)),
    );
  changing(program.command('deploy'))
    .description('a new revision with another artifact, all else as it is')
    .argument(...SERVICE)
    .requiredOption('-a, --artifact <artifact>', 'what to run, such as npm:http-server@14.1.1')
    .action((service: string, options: ChangeOptions & { artifact: string }) =>
      perform(async (session) => (await load.change()).deploy(session, service, options)),
    );
  changing(program.command('rollback'))
    .description('back to the revision that was live before, or to another')
    .argument(...SERVICE)
    .option('--to <revision>', 'the revision, such as r3')
    .action((service: string, options: ChangeOptions & { to?: string }) =>
      perform(async (session) => (await load.change()).rollback(session, service, options)),
    );
  changing(program.command('remove'))
    .description('take a service away: its route and all its stacks')
    .argument(...SERVICE)
    .option('-y, --yes', 'without being asked', false)
    .action((service: string, options: ChangeOptions & { yes: boolean }) =>
      perform(async (session) => (await load.change()).remove(session, service, options)),
    );
}

function changing(command: Command): Command {
  return command
    .option('--no-wait', 'return once it has begun, instead of when it is over')
    .option('--timeout <duration>', 'how long to wait; the rollout itself goes on', '1h')
    .option('--dry-run', 'only say whether it may be done')
    .option('--reason <text>', 'why, for the record')
    .option('--request-id <id>', 'asking again under the same id starts nothing new (default: a random one)');
}

const VERBS: Record<Exclude<RolloutVerb, 'approve'>, string> = {
  promote: 'end the bake of a rollout now',
  pause: 'hold a rollout before its next phase',
  resume: 'let a paused rollout go on',
  abort: 'end a rollout and put everything back',
  retry: 'repeat what a rollout could not do',
};

function addVerbs(program: Command, perform: Perform): void {
  for (const [verb, description] of Object.entries(VERBS)) {
    program
      .command(verb)
      .description(description)
      .argument(...SERVICE)
      .option('--rollout <number>', 'only if this one is running')
      .option('--reason <text>', 'why, for the record')
      .action((service: string, options: { rollout?: string; reason?: string }) =>
        perform(async (session) => (await load.act()).act(session, verb as RolloutVerb, service, options)),
      );
  }
}

const NOTES: Record<Note, [description: string, argument: string, what: string]> = {
  pin: ['keep a warm revision whatever retention says', '<revision>', 'such as r3'],
  unpin: ['leave a pinned revision to retention again', '<revision>', 'such as r3'],
  'mark-bad': ['no rollback goes to this revision any more', '<revision>', 'such as r3'],
  drop: ['take a rollout out of the queue', '<rollout>', 'its number'],
};

function addNotes(program: Command, perform: Perform): void {
  for (const [kind, [description, argument, what]] of Object.entries(NOTES) as [Note, (typeof NOTES)[Note]][]) {
    program
      .command(kind)
      .description(description)
      .argument(...SERVICE)
      .argument(argument, what)
      .option('--reason <text>', 'why, for the record')
      .action((service: string, which: string, options: { reason?: string }) =>
        perform(async (session) => (await load.note()).note(session, kind, service, which, options)),
      );
  }
}

function addLooks(program: Command, perform: Perform): void {
  program
    .command('list')
    .alias('ls')
    .description('all services')
    .action(() => perform(async (session) => (await load.look()).list(session)));
  program
    .command('status')
    .description('a service and its rollout now, or one rollout')
    .argument(...SERVICE)
    .argument('[rollout]', 'its number')
    .action((service: string, rollout: string | undefined) =>
      perform(async (session) => (await load.look()).status(session, service, rollout)),
    );
  program
    .command('watch')
    .description('follow a service until nothing runs any more; ends like the rollout')
    .argument(...SERVICE)
    .option('--follow', 'go on until Ctrl-C', false)
    .action((service: string, options: { follow: boolean }) =>
      perform(async (session) => (await load.look()).watch(session, service, options)),
    );
  program
    .command('history')
    .description('rollouts and revisions of a service, newest first')
    .argument(...SERVICE)
    .option('--limit <count>', 'how many of each', count, 20)
    .action((service: string, options: { limit: number }) =>
      perform(async (session) => (await load.look()).history(session, service, options)),
    );
  program
    .command('why')
    .description('what happened in a rollout, or what it waits for, in sentences')
    .argument(...SERVICE)
    .argument('[rollout]', 'its number (default: the running or last one)')
    .action((service: string, rollout: string | undefined) =>
      perform(async (session) => (await load.look()).why(session, service, rollout)),
    );
}

function addAudit(program: Command, perform: Perform): void {
  const audit = program.command('audit').description('the record of who did what, and why');
  audit
    .command('verify')
    .description('check the chain; names the first broken line')
    .action(() => perform(async (session) => (await load.audit()).verifyAudit(session)));
  filtered(audit.command('export'))
    .description('all events as JSON Lines, oldest first')
    .action((options: AuditFilter) => perform(async (session) => (await load.audit()).exportAudit(session, options)));
  filtered(audit.command('list'))
    .description('the newest events')
    .option('--limit <count>', 'how many', count, 50)
    .action((options: AuditFilter & { limit: number }) =>
      perform(async (session) => (await load.audit()).listAudit(session, options)),
    );
}

function addBackups(program: Command, perform: Perform): void {
  stored(program.command('backup'))
    .description('write the whole store to a new file; acts on the store itself, not through a gateway')
    .argument('<file>', 'where to write it')
    .action((file: string, options: StoreOption) =>
      perform(async (session) => (await load.backup()).backUp(session, file, options)),
    );
  stored(program.command('restore'))
    .description('write a backup to an empty store; acts on the store itself, not through a gateway')
    .argument('<file>', 'what `supplant backup` wrote')
    .action((file: string, options: StoreOption) =>
      perform(async (session) => (await load.backup()).restore(session, file, options)),
    );
}

function filtered(command: Command): Command {
  return command
    .option('--subject <subject>', 'only about this, such as web/production')
    .option('--rollout <rollout>', 'only of this rollout, such as web/production#12');
}

function outputFormat(text: string): 'text' | 'json' {
  if (text === 'text' || text === 'json') return text;
  throw new InvalidArgumentError('Use text or json.');
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d{1,6}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('Use a whole number from 1 to 999999.');
}

function helpWidth(columns: number): number {
  return Math.min(Math.max(columns, 40), 100);
}
