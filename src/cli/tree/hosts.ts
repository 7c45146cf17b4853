import type { Command } from 'commander';
import type { AskOptions } from '../commands/experiment/ask.ts';
import { type Perform, load } from './shared.ts';

/** Data folders with workers. */
export function addHosts(program: Command, perform: Perform): void {
  const hosts = program.command('hosts').description('machines with workers, and the stacks that only they can reach');
  hosts
    .command('list', { isDefault: true })
    .alias('ls')
    .description('which there are, when each was seen last, and what runs there; changes nothing')
    .action(() => perform(async (session) => (await load.hosts()).listHosts(session)));
  hosts
    .command('forget')
    .description('say that a host does not come back: what waits for it goes on, what ran there is taken to be gone')
    .argument('<host>', 'its id, as supplant hosts lists it')
    .requiredOption('--reason <text>', 'why it does not come back, for the record')
    .option('--dry-run', 'only say what that would do')
    .option('--request-id <id>', 'asking again under the same id changes nothing (default: a random one)')
    .action((host: string, options: AskOptions & { reason: string }) =>
      perform(async (session) => (await load.hosts()).forgetHost(session, host, options)),
    );
}
