import { ApiError } from '../contract/supplant-client.ts';
import type { RunOutcome } from '../domain/experiment/run.ts';
import type { RolloutOutcome } from '../domain/rollout/rollout.ts';
import type { InterruptSignal } from './context.ts';

/** How every command ends. Shown by `supplant --help`; scripts may rely on it. */
export const EXIT = {
  ok: { code: 0, meaning: 'done' },
  failure: {
    code: 1,
    meaning: 'Supplant cannot be reached or has a fault, the audit chain is broken, output is lost',
  },
  usage: { code: 2, meaning: 'the command, the manifest or the request is wrong, or is refused as things stand' },
  rolloutFailed: {
    code: 3,
    meaning: 'the rollout failed or was aborted; everything is as before. Or a run of an experiment did not succeed',
  },
  rolledBack: { code: 4, meaning: 'the new revision had traffic and lost it again to the one before' },
  timedOut: { code: 5, meaning: 'waited as long as --timeout allows; the rollout or run goes on' },
  hungUp: { code: 129, meaning: 'the terminal was closed (SIGHUP); a rollout or run goes on' },
  interrupted: { code: 130, meaning: 'interrupted with Ctrl-C; a rollout or run goes on' },
  unread: { code: 141, meaning: 'nobody reads what `watch` shows any more; a rollout or run goes on' },
  terminated: { code: 143, meaning: 'ended with SIGTERM; a rollout or run goes on' },
} as const;

/** As a shell reports whom a signal has ended. */
export function exitCodeOfSignal(signal: InterruptSignal): number {
  switch (signal) {
    case 'SIGINT':
      return EXIT.interrupted.code;
    case 'SIGTERM':
      return EXIT.terminated.code;
    case 'SIGHUP':
      return EXIT.hungUp.code;
  }
}

export function exitCodeOfOutcome(outcome: RolloutOutcome | undefined): number {
  switch (outcome) {
    case 'succeeded':
    case undefined:
      return EXIT.ok.code;
    case 'rolled-back':
      return EXIT.rolledBack.code;
    case 'failed':
    case 'aborted':
      return EXIT.rolloutFailed.code;
  }
}

/** A run that was skipped is one that is refused as things stand. */
export function exitCodeOfRun(outcome: RunOutcome | undefined): number {
  switch (outcome) {
    case 'succeeded':
    case undefined:
      return EXIT.ok.code;
    case 'skipped':
      return EXIT.usage.code;
    case 'failed':
    case 'expired':
    case 'lost':
    case 'stopped':
    case 'replaced':
      return EXIT.rolloutFailed.code;
  }
}

export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof ApiError)) return EXIT.failure.code;
  switch (error.reason) {
    case 'INVALID':
    case 'NOT_FOUND':
    case 'REFUSED':
    case 'CONFLICT':
      return EXIT.usage.code;
    case 'UNAVAILABLE':
    case 'INTERNAL':
      return EXIT.failure.code;
  }
}

export function exitCodeTable(): string {
  const rows = Object.values(EXIT).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`);
  return ['Exit codes:', ...rows].join('\n');
}
