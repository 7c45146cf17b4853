import { type Command, InvalidArgumentError } from 'commander';
import type { LogOptions } from '../commands/logs.ts';
import { DEFAULT_LOG_LINES, MOST_LOG_LINES } from '../../domain/logs.ts';
import { load, type Perform, SERVICE, count } from './shared.ts';

/** What only looks. */
export function addLooks(program: Command, perform: Perform): void {
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
    .command('logs')
    .description('what the processes of a revision print')
    .argument(...SERVICE)
    .option('--revision <revision>', 'of this one, such as r3 (default: the live one, else the newest)')
    .option('-n, --lines <count>', 'so many of each process', logLines, DEFAULT_LOG_LINES)
    .option('-f, --follow', 'go on with what is printed from then on', false)
    .action((service: string, options: LogOptions) =>
      perform(async (session) => (await load.logs()).logs(session, service, options)),
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
  program
    .command('rejudge')
    .description('judge anew what the analysis of a rollout has counted: by the rules it had, and by those of now')
    .argument(...SERVICE)
    .argument('[rollout]', 'its number (default: the running or last one)')
    .option('-f, --file <file>', 'by the rules of this manifest; - for standard input')
    .action((service: string, rollout: string | undefined, options: { file?: string }) =>
      perform(async (session) => (await load.rejudge()).rejudgeRollout(session, service, rollout, options)),
    );
}

function logLines(text: string): number {
  const value = Number(text);
  if (/^\d{1,6}$/.test(text) && value <= MOST_LOG_LINES) return value;
  throw new InvalidArgumentError(`Use a whole number from 0 to ${MOST_LOG_LINES}.`);
}
