import type { Command } from 'commander';
import type { DevCommandOptions } from '../commands/dev.ts';
import type { DoctorLiveOptions } from '../commands/doctor-live.ts';
import type { DoctorOptions } from '../commands/doctor.ts';
import type { ServerOptions } from '../commands/server.ts';
import { stored } from '../store-option.ts';
import { type Call, load, type Perform, repeated } from './shared.ts';

/** What runs until Ctrl-C, and what a first service begins with. */
export function addRunning(program: Command, perform: Perform, call: Call): void {
  stored(program.command('dev'))
    .description('run all of Supplant on this machine, until Ctrl-C')
    .option(
      '--state <state>',
      "a folder, postgres://…, s3://…, gs://… or azblob://… for Pulumi's state (else $SUPPLANT_STATE; else in a store that is Postgres, or the data folder)",
    )
    .option('--listen <address>', 'where to serve the API (default: 127.0.0.1:7700, or a free port)')
    .option('--access <file>', 'who may do what; needed wherever others can get in')
    .option('--blueprint <file>', 'a further blueprint for services to use (repeatable)', repeated)
    .option('--haproxy', 'let services have HAProxy as their router, which has to be installed')
    .action((options: DevCommandOptions) =>
      perform(async (session) => (await load.dev()).dev(session, options, call.exitNow)),
    );
  stored(program.command('server'))
    .description('serve the API for a Temporal elsewhere; `dev` has one of its own')
    .option('--listen <address>', 'HOST:PORT', '127.0.0.1:7700')
    .option('--access <file>', 'who may do what; needed wherever others can get in')
    .option('--tls-cert <file>', 'its certificate, PEM')
    .option('--tls-key <file>', "the certificate's key, PEM")
    .action((options: ServerOptions) =>
      perform(async (session) => (await load.server()).server(session, options, call.exitNow)),
    );
  program
    .command('doctor')
    .description('look into what a first deployment needs, and say what is missing')
    .option('-f, --file <file>', 'the manifest that is to be applied, or - for standard input')
    .option('--blueprint <file>', 'a further blueprint for services to use (repeatable)', repeated)
    .option('--live', 'try what AWS does with real things, which are removed again; says what it costs and asks first')
    .option('--vpc <id>', 'with --live: the network to use, with subnets in two zones (default: the default VPC)')
    .option('-y, --yes', 'with --live: without being asked', false)
    .action(({ live, ...options }: DoctorOptions & DoctorLiveOptions & { live?: boolean }) =>
      perform(async (session) =>
        live ? (await load.doctorLive()).doctorLive(session, options) : (await load.doctor()).doctor(session, options),
      ),
    );
  program
    .command('init')
    .description('write a commented manifest for a first service, or a first experiment')
    .argument('[file]', 'where to write it (default: supplant.yaml, or experiment.yaml)')
    .option('--experiment', 'one of an experiment', false)
    .action((file: string | undefined, options: { experiment: boolean }) =>
      perform(async (session) => (await load.init()).init(session, file, options)),
    );
}
