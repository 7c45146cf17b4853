import type { Command } from 'commander';
import type { AcknowledgeOptions, CheckOptions } from '../commands/drift.ts';
import { type Perform, load } from './shared.ts';

const SERVICE: [string, string] = ['[service]', 'NAME/ENVIRONMENT, such as web/production (default: all)'];

/** What finds stacks that are not as they were made. */
export function addDrift(program: Command, perform: Perform): void {
  const drift = program.command('drift').description('stacks that are not as they were made any more');
  drift
    .command('list', { isDefault: true })
    .alias('ls')
    .description('how live and warm stacks stand by the last look at each; changes nothing')
    .argument(...SERVICE)
    .action((service: string | undefined) =>
      perform(async (session) => (await load.drift()).listDrift(session, service)),
    );
  drift
    .command('check')
    .description('look now, instead of at the next time')
    .argument(...SERVICE)
    .option('--reason <text>', 'why, for the record')
    .option('--request-id <id>', 'asking again under the same id joins what was begun (default: a random one)')
    .option('--timeout <duration>', 'how long to wait; the looks themselves go on', '30m')
    .action((service: string | undefined, options: CheckOptions) =>
      perform(async (session) => (await load.drift()).checkDrift(session, service, options)),
    );
  drift
    .command('acknowledge')
    .alias('ack')
    .description('say why what was found of a revision may stay; later drift needs another acknowledgement')
    .argument('<service>', 'NAME/ENVIRONMENT, such as web/production')
    .argument('<revision>', 'such as r3')
    .requiredOption('--reason <text>', 'why it may stay, for the record')
    .option('--dry-run', 'only say what that would cover')
    .option('--request-id <id>', 'asking again under the same id changes nothing (default: a random one)')
    .action((service: string, revision: string, options: AcknowledgeOptions) =>
      perform(async (session) => (await load.drift()).acknowledgeDrift(session, service, revision, options)),
    );
}
