import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../context.ts';
import type { Session } from '../session.ts';

/** One command line on its way through the program. */
export interface Call {
  exitCode: number;
  session: Session | undefined;
  readonly context: CommandContext;
  readonly exitNow: (code: number) => void;
}

export type Action = (session: Session) => Promise<number>;

/** Only what a command needs is loaded, so that help and errors come at once. */
export const load = {
  act: () => import('../commands/act.ts'),
  audit: () => import('../commands/audit.ts'),
  backup: () => import('../commands/backup.ts'),
  change: () => import('../commands/change.ts'),
  changeStops: () => import('../commands/change-stops.ts'),
  dev: () => import('../commands/dev.ts'),
  drill: () => import('../commands/experiment/drill.ts'),
  doctor: () => import('../commands/doctor.ts'),
  doctorLive: () => import('../commands/doctor-live.ts'),
  experimentAsk: () => import('../commands/experiment/ask.ts'),
  experimentFollow: () => import('../commands/experiment/follow.ts'),
  experimentLook: () => import('../commands/experiment/look.ts'),
  hosts: () => import('../commands/hosts.ts'),
  init: () => import('../commands/init.ts'),
  logs: () => import('../commands/logs.ts'),
  drift: () => import('../commands/drift.ts'),
  environment: () => import('../commands/environment.ts'),
  look: () => import('../commands/look.ts'),
  note: () => import('../commands/service-command.ts'),
  preview: () => import('../commands/preview.ts'),
  reaper: () => import('../commands/reaper.ts'),
  rejudge: () => import('../commands/rejudge.ts'),
  results: () => import('../commands/experiment/results.ts'),
  schema: () => import('../commands/schema.ts'),
  server: () => import('../commands/server.ts'),
  token: () => import('../commands/token.ts'),
};

export type Perform = (action: Action) => Promise<void>;

/** For an option that may be given several times. */
export function repeated(value: string, before: string[] = []): string[] {
  return [...before, value];
}

export const SERVICE: [string, string] = ['<service>', 'NAME/ENVIRONMENT, such as web/production'];

export function count(text: string): number {
  const value = Number(text);
  if (/^\d{1,6}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('Use a whole number from 1 to 999999.');
}

/** What changes something, and is answered at once. */
export function asking(command: Command): Command {
  return command
    .option('--dry-run', 'only say whether it may be done')
    .option('--reason <text>', 'why, for the record')
    .option('--request-id <id>', 'asking again under the same id starts nothing new (default: a random one)');
}
