import type { Command } from 'commander';
import type { LiftOptions, StopOptions } from '../commands/change-stops.ts';
import { type Perform, asking, load } from './shared.ts';

const ENVIRONMENT: [string, string] = ['--environment <name>', 'of this one alone, instead of all environments'];

/** Changes that are stopped for everybody. */
export function addChangeStops(program: Command, perform: Perform): void {
  const stops = program
    .command('change-stop')
    .description('hold all deployments: those that begin, and those that would move traffic');
  stops
    .command('list', { isDefault: true })
    .alias('ls')
    .description('what is stopped, by whom, why and until when; changes nothing')
    .action(() => perform(async (session) => (await load.changeStops()).listStops(session)));
  asking(stops.command('set'))
    .description('stop changes; rollbacks, aborts and removals go on. Needs a reason')
    .option(...ENVIRONMENT)
    .option('--until <time>', 'when it ends by itself: a time, or a duration from now such as 8h')
    .action((options: StopOptions) => perform(async (session) => (await load.changeStops()).setStop(session, options)));
  asking(stops.command('lift'))
    .description('let changes go on: what waited does at once')
    .option(...ENVIRONMENT)
    .action((options: LiftOptions) =>
      perform(async (session) => (await load.changeStops()).liftStop(session, options)),
    );
}
