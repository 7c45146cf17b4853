import { type Command, InvalidArgumentError } from 'commander';
import type { AskOptions } from '../commands/experiment/ask.ts';
import type { OpenOptions } from '../commands/preview.ts';
import { asking, load, type Perform, SERVICE } from './shared.ts';

const BRANCH: [string, string] = ['<branch>', "the branch or change, such as feature/login or '#123'"];

/** Copies of a service with the artifact of a branch. */
export function addPreviews(program: Command, perform: Perform): void {
  const preview = program
    .command('preview')
    .description('a copy of a service with the artifact of a branch, at an address of its own, for a while');
  asking(preview.command('open'))
    .description(
      'open the preview of a branch, or renew it; prints where it is. A pipeline may repeat it with each push',
    )
    .argument(...SERVICE)
    .argument(...BRANCH)
    .requiredOption('-a, --artifact <artifact>', 'what to run, such as npm:http-server@14.1.1')
    .option('--ttl <duration>', 'how long it stays from now on (default: 8h)')
    .option('--port <port>', 'where it is to be looked at (default: the one that it had, or a free one)', port)
    .option(
      '--patch <file>',
      'what else is different: a JSON merge patch of {blueprint: {config}}; - reads standard input',
    )
    .option('--force', 'a new stack even where what is up is the same', false)
    .option('--wait', 'return once it can be looked at; ends like its run where it cannot', false)
    .option('--timeout <duration>', 'how long to wait; the preview itself goes on', '1h')
    .action((service: string, branch: string, options: OpenOptions) =>
      perform(async (session) => (await load.preview()).openPreview(session, service, branch, options)),
    );
  preview
    .command('list')
    .alias('ls')
    .description('all previews, or those of a service')
    .argument('[service]', SERVICE[1])
    .action((service: string | undefined) =>
      perform(async (session) => (await load.preview()).listPreviews(session, service)),
    );
  preview
    .command('status')
    .description('a preview: where it is, what it runs, until when')
    .argument(...SERVICE)
    .argument(...BRANCH)
    .action((service: string, branch: string) =>
      perform(async (session) => (await load.preview()).previewStatus(session, service, branch)),
    );
  asking(preview.command('close'))
    .description('take a preview away: its stacks, its address and its name')
    .argument(...SERVICE)
    .argument(...BRANCH)
    .action((service: string, branch: string, options: AskOptions) =>
      perform(async (session) => (await load.preview()).closePreview(session, service, branch, options)),
    );
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value >= 1 && value <= 65_535) return value;
  throw new InvalidArgumentError('Use a port from 1 to 65535.');
}
