import type { Command } from 'commander';
import type { AuditFilter } from '../commands/audit.ts';
import { stored, type StoreOption } from '../store-option.ts';
import { load, type Perform, count } from './shared.ts';

/** The record. */
export function addAudit(program: Command, perform: Perform): void {
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

/** Copies of the store. */
export function addBackups(program: Command, perform: Perform): void {
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
