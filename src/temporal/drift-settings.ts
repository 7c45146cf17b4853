import { parseDuration } from '../config/duration.ts';

/** Between two looks for drift, in milliseconds: each has every stack's resources read, which a cloud may count. */
const EVERY_MS = 3_600_000;

/** Temporal's schedules take whole seconds. */
const LEAST_EVERY_MS = 1_000;

/**
 * Between two looks for drift, in milliseconds, by SUPPLANT_DRIFT_EVERY; `off` where stacks are only looked at when somebody
 * asks for it.
 *
 * @throws Error fit to show
 */
export function readDriftInterval(env: NodeJS.ProcessEnv): number | 'off' {
  const text = env.SUPPLANT_DRIFT_EVERY;
  if (text === undefined || text === '') return EVERY_MS;
  if (text === 'off') return 'off';
  const millis = parseDuration(text);
  if (millis !== undefined && millis >= LEAST_EVERY_MS) return millis;
  throw new Error(
    `SUPPLANT_DRIFT_EVERY is ${text}, which is neither off nor a duration of at least 1s; write it as 15m or 1h30m`,
  );
}
