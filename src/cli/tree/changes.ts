import type { Command } from 'commander';
import type { ChangeOptions } from '../commands/change.ts';
import { load, type Perform, SERVICE } from './shared.ts';

/** What starts a rollout. */
export function addChanges(program: Command, perform: Perform): void {
  deploying(program.command('apply'))
    .description('make a service or an experiment be as its manifest describes it')
    .requiredOption('-f, --file <file>', 'the manifest; - reads standard input')
    .option('--strict-port', 'as router.strictPort: fail rather than lead clients to another port')
    .action((options: ChangeOptions & { file: string; strictPort?: boolean }) =>
      perform(async (session) => (await load.change()).apply(session, options)),
    );
  deploying(program.command('deploy'))
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
  deploying(program.command('restart'))
    .description('new processes: a fresh revision of the release that is live')
    .argument(...SERVICE)
    .action((service: string, options: ChangeOptions) =>
      perform(async (session) => (await load.change()).restart(session, service, options)),
    );
  changing(program.command('remove'))
    .description('take a service away: its route and all its stacks')
    .argument(...SERVICE)
    .option('-y, --yes', 'without being asked', false)
    .action((service: string, options: ChangeOptions & { yes: boolean }) =>
      perform(async (session) => (await load.change()).remove(session, service, options)),
    );
}

/** What may have to wait at gates. */
function deploying(command: Command): Command {
  return changing(command).option(
    '--break-glass',
    'pass all gates and stops of changes; needs a reason, and a role that may',
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
