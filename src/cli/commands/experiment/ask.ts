import { randomUUID } from 'node:crypto';
import { readMoment } from '../../../config/experiment/time-field.ts';
import { parseDuration } from '../../../config/duration.ts';
import type { RunChoice } from '../../../contract/experiment-client.ts';
import type { SupplantClient } from '../../../contract/supplant-client.ts';
import { type ExperimentKey, type ExperimentSpec, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { UsageError } from '../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { onExperiment, readRun } from '../../experiment-argument.ts';
import { type Session, withClient } from '../../session.ts';
import { effectLines } from '../../views/effect.ts';

/** Options of what changes something. */
export interface AskOptions {
  reason?: string;
  requestId?: string;
  dryRun?: boolean;
}

/** Who asks, why, and under which id. */
export function requestOf(session: Session, { dryRun, reason, requestId }: AskOptions): RequestMeta {
  return {
    actor: session.actor,
    ...(reason === undefined ? {} : { reason }),
    requestId: requestId ?? randomUUID(),
    ...(dryRun ? { dryRun } : {}),
  };
}

/** Makes an experiment be as its manifest describes it. */
export async function applyExperiment(session: Session, spec: ExperimentSpec, options: AskOptions): Promise<number> {
  return withClient(session, async (client) => {
    const effect = await client.experiments.apply(spec, requestOf(session, options));
    return tell(session, spec.experiment, { verb: 'apply', effect }, options);
  });
}

export async function deleteExperiment(
  session: Session,
  name: string,
  options: AskOptions & { yes: boolean },
): Promise<number> {
  if (!options.yes && !options.dryRun) await confirmDeletion(session, name);
  return ask(session, name, 'delete', options, (client, key, change) => client.experiments.delete(key, change));
}

async function confirmDeletion({ context }: Session, name: string): Promise<void> {
  const refusal = new UsageError(`${name} stays: deleting it was not confirmed`, {
    suggestion: 'add --yes to delete without being asked',
  });
  if (!context.confirm) throw refusal;
  if (!(await context.confirm(`Delete ${name}, and stop what it runs? [y/N] `))) throw refusal;
}

export async function pauseExperiment(session: Session, name: string, options: AskOptions): Promise<number> {
  return ask(session, name, 'pause', options, (client, key, change) => client.experiments.pause(key, change));
}

export async function resumeExperiment(session: Session, name: string, options: AskOptions): Promise<number> {
  return ask(session, name, 'resume', options, (client, key, change) => client.experiments.resume(key, change));
}

export async function backfillExperiment(
  session: Session,
  name: string,
  options: AskOptions & { from: string; to: string },
): Promise<number> {
  const [from, to] = [readTime('--from', options.from), readTime('--to', options.to)];
  return ask(session, name, 'backfill', options, (client, key, change) =>
    client.experiments.backfill(key, { from, to }, change),
  );
}

export async function extendRun(
  session: Session,
  name: string,
  run: string | undefined,
  options: AskOptions & { by: string },
): Promise<number> {
  const by = parseDuration(options.by);
  if (by === undefined || by === 0) {
    throw new UsageError(`--by: '${options.by}' is not a duration`, { suggestion: 'write 30m or 1h30m' });
  }
  const choice = chooseRun(run);
  return ask(session, name, 'extend', options, (client, key, change) =>
    client.experiments.extend({ experiment: key, ...choice }, by, change),
  );
}

export async function stopRun(
  session: Session,
  name: string,
  run: string | undefined,
  options: AskOptions,
): Promise<number> {
  const choice = chooseRun(run);
  return ask(session, name, 'stop', options, (client, key, change) =>
    client.experiments.stop({ experiment: key, ...choice }, change),
  );
}

/** The run that is named; the last one where none is. */
export function chooseRun(run: string | undefined): Pick<RunChoice, 'run'> {
  return run === undefined ? {} : { run: readRun(run) };
}

/** Asks, and says what that does now. */
async function ask(
  session: Session,
  name: string,
  verb: string,
  options: AskOptions,
  send: (client: SupplantClient, key: ExperimentKey, change: RequestMeta) => Promise<string>,
): Promise<number> {
  return withClient(session, (client) =>
    onExperiment(client, name, async (key) => {
      const effect = await send(client, key, requestOf(session, options));
      return tell(session, key, { verb, effect }, options);
    }),
  );
}

function tell(
  { terminal }: Session,
  key: ExperimentKey,
  { effect, verb }: { verb: string; effect: string },
  { dryRun }: AskOptions,
): number {
  const experiment = formatExperimentId(key);
  const shown = dryRun ? `${effect} (nothing was done: this is a dry run)` : effect;
  terminal.done('asked', { experiment, verb, effect }, ({ width }) => effectLines(experiment, shown, width));
  return EXIT.ok.code;
}

function readTime(option: string, text: string): string {
  const time = readMoment(text);
  if (time !== undefined) return time;
  throw new UsageError(`${option}: '${text}' is not a time`, {
    suggestion: 'write it with its zone: 2026-12-01T08:00:00Z or 2026-12-01T08:00+01:00',
  });
}
