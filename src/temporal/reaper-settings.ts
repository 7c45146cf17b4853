import type { ReaperSettings } from '../activities/reaper/parts.ts';
import { parseDuration } from '../config/duration.ts';
import { DEFAULT_POLICY } from '../domain/reaper/facts.ts';

/** Between two looks, in milliseconds: soon enough for an experiment to be gone within a minute of its time. */
const EVERY_MS = 15_000;

/** Between two lists of what a cloud has, in milliseconds: nothing there is forgotten so often that it costs more. */
const SHARED_EVERY_MS = 300_000;

/** Temporal's schedules take whole seconds. */
const LEAST_EVERY_MS = 1_000;

/**
 * How the reaper is run, by SUPPLANT_REAPER_GRACE and SUPPLANT_REAPER_EVERY.
 * @throws Error fit to show, with everything that is wrong
 */
export function readReaperSettings(env: NodeJS.ProcessEnv): ReaperSettings {
  const faults: string[] = [];
  const read = (name: string, unless: number, least: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return unless;
    const millis = parseDuration(text);
    if (millis !== undefined && millis >= least) return millis;
    faults.push(
      `${name} is ${text}, which is no duration of at least ${least / 1_000}s; write it as 15s, 10m or 1h30m`,
    );
    return unless;
  };
  const graceMs = read('SUPPLANT_REAPER_GRACE', DEFAULT_POLICY.graceMs, 0);
  const everyMs = read('SUPPLANT_REAPER_EVERY', EVERY_MS, LEAST_EVERY_MS);
  if (faults.length > 0) throw new Error(faults.join('; '));
  const confirmMs = Math.min(DEFAULT_POLICY.confirmMs, everyMs / 2);
  return { policy: { ...DEFAULT_POLICY, graceMs, confirmMs }, everyMs, sharedEveryMs: SHARED_EVERY_MS };
}
