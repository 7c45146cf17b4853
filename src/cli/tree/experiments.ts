import { type Command, Option } from 'commander';
import type { AskOptions } from '../commands/experiment/ask.ts';
import type { DrillOptions } from '../commands/experiment/drill.ts';
import type { RunOptions } from '../commands/experiment/follow.ts';
import { asking, count, load, type Perform } from './shared.ts';

const NAME: [string, string] = [
  '<name>',
  'NAME/ENVIRONMENT, such as nightly/production; NAME is enough where it is the only one',
];
const RUN: [string, string] = ['[run]', 'its number (default: the last one)'];

/** Whether a service can be gone back, before it has to be. */
export function addDrill(program: Command, perform: Perform): void {
  asking(program.command('drill'))
    .description('try a rollback: a release, the one before it on the same data, and the first once more')
    .argument('[service]', 'NAME/ENVIRONMENT, such as web/production; not needed with --file')
    .option('-f, --file <file>', 'a release that is not applied yet, by its manifest; - reads standard input')
    .option(
      '-a, --artifact <artifact>',
      'a release that is not deployed yet (default: from what is live to what was before)',
    )
    .option(
      '--patch <file>',
      'what is different of both, such as the data that a drill may write to, as a JSON merge patch',
    )
    .option('--ttl <duration>', 'how long it may last (default: 30m)')
    .option('--name <name>', 'of the experiment whose runs are these drills (default: NAME-drill)')
    .option('--no-wait', 'return once it has begun, instead of when it is over')
    .option('--timeout <duration>', 'how long to wait; the run itself goes on', '24h')
    .action((service: string | undefined, options: DrillOptions) =>
      perform(async (session) => (await load.drill()).drill(session, service, options)),
    );
}

/** Complete copies of a service for a while. */
export function addExperiments(program: Command, perform: Perform): void {
  const experiment = program
    .command('experiment')
    .description('complete copies of a service for a while: probed, compared, gone afterwards');
  addExperimentLooks(experiment, perform);
  addExperimentRuns(experiment, perform);
  asking(experiment.command('pause'))
    .description('let it not run by itself, until it is resumed')
    .argument(...NAME)
    .action((name: string, options: AskOptions) =>
      perform(async (session) => (await load.experimentAsk()).pauseExperiment(session, name, options)),
    );
  asking(experiment.command('resume'))
    .description('let it run by itself again')
    .argument(...NAME)
    .action((name: string, options: AskOptions) =>
      perform(async (session) => (await load.experimentAsk()).resumeExperiment(session, name, options)),
    );
  asking(experiment.command('backfill'))
    .description('make up for the runs that its schedule would have had')
    .argument(...NAME)
    .requiredOption('--from <time>', 'from here on, such as 2026-12-01T00:00:00Z')
    .requiredOption('--to <time>', 'up to here')
    .action((name: string, options: AskOptions & { from: string; to: string }) =>
      perform(async (session) => (await load.experimentAsk()).backfillExperiment(session, name, options)),
    );
  asking(experiment.command('delete'))
    .description('end it: it does not run any more, and what goes on is stopped; results stay as long as they would')
    .argument(...NAME)
    .option('-y, --yes', 'without being asked', false)
    .action((name: string, options: AskOptions & { yes: boolean }) =>
      perform(async (session) => (await load.experimentAsk()).deleteExperiment(session, name, options)),
    );
}

function addExperimentLooks(experiment: Command, perform: Perform): void {
  experiment
    .command('list')
    .alias('ls')
    .description('all experiments')
    .action(() => perform(async (session) => (await load.experimentLook()).listExperiments(session)));
  experiment
    .command('status')
    .description('an experiment and what it runs now, or one run')
    .argument(...NAME)
    .argument('[run]', 'its number')
    .action((name: string, run: string | undefined) =>
      perform(async (session) => (await load.experimentLook()).experimentStatus(session, name, run)),
    );
  experiment
    .command('history')
    .description('its runs, newest first')
    .argument(...NAME)
    .option('--limit <count>', 'how many', count, 20)
    .action((name: string, options: { limit: number }) =>
      perform(async (session) => (await load.experimentLook()).experimentHistory(session, name, options)),
    );
  experiment
    .command('why')
    .description('what happened in a run, or what it waits for, in sentences')
    .argument(...NAME)
    .argument(...RUN)
    .action((name: string, run: string | undefined) =>
      perform(async (session) => (await load.experimentLook()).whyRun(session, name, run)),
    );
}

function addExperimentRuns(experiment: Command, perform: Perform): void {
  asking(experiment.command('run'))
    .description('run it now, whatever its schedule says; ends like the run')
    .argument(...NAME)
    .option('--no-wait', 'return once it has begun, instead of when it is over')
    .option('--timeout <duration>', 'how long to wait; the run itself goes on', '24h')
    .action((name: string, options: RunOptions) =>
      perform(async (session) => (await load.experimentFollow()).runExperiment(session, name, options)),
    );
  experiment
    .command('watch')
    .description('follow a run until it is over; ends like the run')
    .argument(...NAME)
    .argument(...RUN)
    .action((name: string, run: string | undefined) =>
      perform(async (session) => (await load.experimentFollow()).watchRun(session, name, run)),
    );
  asking(experiment.command('extend'))
    .description('let a run last longer, within the maximum of the server')
    .argument(...NAME)
    .argument(...RUN)
    .requiredOption('--by <duration>', 'by how much, such as 30m')
    .action((name: string, run: string | undefined, options: AskOptions & { by: string }) =>
      perform(async (session) => (await load.experimentAsk()).extendRun(session, name, run, options)),
    );
  asking(experiment.command('stop'))
    .description('end a run now: its stacks are destroyed')
    .argument(...NAME)
    .argument(...RUN)
    .action((name: string, run: string | undefined, options: AskOptions) =>
      perform(async (session) => (await load.experimentAsk()).stopRun(session, name, run, options)),
    );
}

/** What runs have found out. */
export function addResults(program: Command, perform: Perform): void {
  const results = program.command('results').description('what the runs of an experiment have found out');
  results
    .command('list')
    .description('what there is of its last runs')
    .argument(...NAME)
    .option('--limit <count>', 'of how many', count, 10)
    .action((name: string, options: { limit: number }) =>
      perform(async (session) => (await load.results()).listResults(session, name, options)),
    );
  results
    .command('show')
    .description('figures of every probe and variant, and how the variants differ')
    .argument(...NAME)
    .argument(...RUN)
    .action((name: string, run: string | undefined) =>
      perform(async (session) => (await load.results()).showResults(session, name, run)),
    );
  results
    .command('export')
    .description('the same for another program, or as a page that needs no network')
    .argument(...NAME)
    .argument(...RUN)
    .addOption(
      new Option('--format <format>', 'json, csv or html (default: by the ending of the file, else json)').choices([
        'json',
        'csv',
        'html',
      ]),
    )
    .option('--file <file>', 'a new file to write; stdout unless told')
    .action((name: string, run: string | undefined, options: { format?: 'json' | 'csv' | 'html'; file?: string }) =>
      perform(async (session) => (await load.results()).exportResults(session, name, run, options)),
    );
}

/** What finds stacks that nobody owns. */
export function addReaper(program: Command, perform: Perform): void {
  const reaper = program
    .command('reaper')
    .description('what finds stacks that nobody owns any more, and destroys them after a grace');
  reaper
    .command('report')
    .description("what is nobody's, and what becomes of it; changes nothing")
    .option('--all', 'what has an owner, too', false)
    .action((options: { all: boolean }) =>
      perform(async (session) => (await load.reaper()).reaperReport(session, options)),
    );
  asking(reaper.command('run'))
    .description('look now, instead of at its next time')
    .option('--skip-grace', 'destroy at once what has no owner', false)
    .action((options: AskOptions & { skipGrace: boolean }) =>
      perform(async (session) => (await load.reaper()).runReaper(session, options)),
    );
}
