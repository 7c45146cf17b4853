import { readMoment } from '../../config/experiment/time-field.ts';
import { parseDuration } from '../../config/duration.ts';
import type { ChangeStop } from '../../domain/gates/stop.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type Session, withClient } from '../session.ts';
import { renderChangeStops } from '../views/change-stops.ts';
import { effectLines } from '../views/effect.ts';
import { type AskOptions, requestOf } from './experiment/ask.ts';

export interface LiftOptions extends AskOptions {
  environment?: string;
}

export interface StopOptions extends LiftOptions {
  until?: string;
}

export async function listStops(session: Session): Promise<number> {
  return withClient(session, async (client) => {
    const stops = await client.changeStops.list();
    session.terminal.result('changeStops', { stops }, (frame) => renderChangeStops(stops, frame));
    return EXIT.ok.code;
  });
}

export async function setStop(session: Session, options: StopOptions): Promise<number> {
  if (options.reason === undefined || options.reason.trim() === '') {
    throw new UsageError('a stop of changes needs a reason, which every rollout that waits shows', {
      suggestion: 'say why: --reason "incident 4711"',
    });
  }
  const until = options.until === undefined ? undefined : readUntil(options.until, session.context.now());
  const stop = { ...scopeOf(options), ...(until === undefined ? {} : { until }) };
  return withClient(session, async (client) =>
    tell(session, options, await client.changeStops.set(stop, requestOf(session, options))),
  );
}

export async function liftStop(session: Session, options: LiftOptions): Promise<number> {
  return withClient(session, async (client) =>
    tell(session, options, await client.changeStops.lift(scopeOf(options), requestOf(session, options))),
  );
}

function scopeOf({ environment }: LiftOptions): Pick<ChangeStop, 'environment'> {
  return environment === undefined ? {} : { environment };
}

function tell(session: Session, { environment, dryRun }: LiftOptions, told: string): number {
  const effect = dryRun ? `${told} (nothing was done: this is a dry run)` : told;
  const document = { environment: environment ?? null, effect };
  session.terminal.done('changeStop', document, ({ width }) => effectLines('Changes', effect, width));
  return EXIT.ok.code;
}

/** ISO 8601. */
function readUntil(text: string, now: Date): string {
  const fromNow = parseDuration(text);
  const moment = fromNow === undefined ? readMoment(text) : now.getTime() + fromNow;
  const time = moment === undefined ? Number.NaN : new Date(moment).getTime();
  if (Number.isNaN(time)) {
    throw new UsageError(`--until: '${text}' is neither a time nor a duration`, {
      suggestion: 'write 2026-12-28T08:00:00+01:00, or 8h for so long from now',
    });
  }
  if (time <= now.getTime()) {
    throw new UsageError(`--until: '${text}' is over already`, { suggestion: 'give a time to come, or leave it out' });
  }
  return new Date(time).toISOString();
}
