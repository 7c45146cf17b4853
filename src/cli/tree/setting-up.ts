import { Argument, type Command } from 'commander';
import type { SchemaKind } from '../commands/schema.ts';
import type { TokenOptions } from '../commands/token.ts';
import { SCRIPTS, SHELLS, type Shell, listCandidates } from '../completion.ts';
import { type Call, load, type Perform, repeated } from './shared.ts';

const SCHEMA_KINDS: readonly SchemaKind[] = ['manifest', 'experiment', 'access', 'contexts'];

/** Tokens, and what a shell needs. */
export function addSettingUp(program: Command, perform: Perform, { context }: Call): void {
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
    .command('schema')
    .description('the JSON Schema of a file, by which editors complete and check it')
    .addArgument(
      new Argument('[file]', 'manifest, experiment, access or contexts').choices(SCHEMA_KINDS).default('manifest'),
    )
    .option('--blueprint <file>', 'a further blueprint, whose config a manifest may have (repeatable)', repeated)
    .action((kind: SchemaKind, options: { blueprint?: string[] }) =>
      perform(async (session) => (await load.schema()).schema(session, kind, options)),
    );
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
        listCandidates(program, words)
          .map((word) => `${word}\n`)
          .join(''),
      ),
    );
}
