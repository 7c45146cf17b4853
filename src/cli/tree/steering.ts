import type { Command } from 'commander';
import type { RolloutVerb } from '../../contract/supplant-client.ts';
import type { ActOptions } from '../commands/act.ts';
import type { Note } from '../commands/service-command.ts';
import { load, type Perform, SERVICE } from './shared.ts';

const VERBS: Record<RolloutVerb, string> = {
  promote: 'end the bake of a rollout, or of its step, now',
  pause: 'hold a rollout before its next phase',
  resume: 'let a paused rollout go on',
  abort: 'end a rollout and put everything back',
  retry: 'repeat what a rollout could not do',
  approve: 'say yes at a gate that waits for it',
  reject: 'say no at a gate, and put everything back',
};

/** What is asked of a rollout that runs. */
export function addVerbs(program: Command, perform: Perform): void {
  for (const [verb, description] of Object.entries(VERBS)) {
    const command = program
      .command(verb)
      .description(description)
      .argument(...SERVICE)
      .option('--rollout <number>', 'only if this one is running')
      .option('--reason <text>', 'why, for the record')
      .action((service: string, options: ActOptions) =>
        perform(async (session) => (await load.act()).actOnRollout(session, verb as RolloutVerb, service, options)),
      );
    if (verb !== 'promote') continue;
    command
      .option(
        '--full',
        'all traffic at once, whatever steps are left; needs a reason, and passes gates only for a role that may',
      )
      .option('--break-glass', 'pass all gates, wherever it waits for one; needs a reason, and a role that may');
  }
}

const NOTES: Record<Note, [description: string, argument: string, what: string]> = {
  pin: ['keep a warm revision whatever retention says', '<revision>', 'such as r3'],
  unpin: ['leave a pinned revision to retention again', '<revision>', 'such as r3'],
  'mark-bad': ['no rollback goes to this revision any more', '<revision>', 'such as r3'],
  drop: ['take a rollout out of the queue', '<rollout>', 'its number'],
};

/** What people say of revisions, and of what waits. */
export function addNotes(program: Command, perform: Perform): void {
  for (const [kind, [description, argument, what]] of Object.entries(NOTES) as [Note, (typeof NOTES)[Note]][]) {
    program
      .command(kind)
      .description(description)
      .argument(...SERVICE)
      .argument(argument, what)
      .option('--reason <text>', 'why, for the record')
      .action((service: string, which: string, options: { reason?: string }) =>
        perform(async (session) => (await load.note()).runServiceCommand(session, kind, service, which, options)),
      );
  }
}
