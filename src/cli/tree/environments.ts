import type { Command } from 'commander';
import type { EnvironmentOptions } from '../commands/environment.ts';
import { load, type Perform, repeated } from './shared.ts';

/** What services share, and rollouts never touch. */
export function addEnvironments(program: Command, perform: Perform): void {
  const environment = program
    .command('environment')
    .description('what services share, in a stack of its own; acts on this machine, not through a gateway');
  described(environment.command('plan'))
    .description('what would be made and changed')
    .action((options: EnvironmentOptions) =>
      perform(async (session) => (await load.environment()).planEnvironment(session, options)),
    );
  described(environment.command('apply'))
    .description('make it be as described')
    .action((options: EnvironmentOptions) =>
      perform(async (session) => (await load.environment()).applyEnvironment(session, options)),
    );
  described(environment.command('destroy'))
    .description('take it away, once nothing of it is protected')
    .action((options: EnvironmentOptions) =>
      perform(async (session) => (await load.environment()).destroyEnvironment(session, options)),
    );
}

function described(command: Command): Command {
  return command
    .requiredOption('-f, --file <file>', 'the description')
    .option(
      '--blueprint <file>',
      "a blueprint of one's own, instead of one that Supplant brings (repeatable)",
      repeated,
    );
}
