import { type ServiceFacts, type TimeWords, narrateRollout, narrateTrouble } from '../../domain/rollout/narrate.ts';
import type { RolloutStatus, ServiceStatus } from '../../domain/rollout/status.ts';
import { ago, between, clock, moment, until } from './time.ts';

/** What happened, or what it waits for; see `narrateRollout`. */
export function explainWhy(rollout: RolloutStatus, now: Date, beside: ServiceFacts = {}): string[] {
  return narrateRollout(rollout, tellTimes(now), beside);
}

/** A service's workflow that is kept from its work, whatever its rollout does. */
export function explainTrouble(status: ServiceStatus, now: Date): string[] {
  return narrateTrouble(status, tellTimes(now));
}

/** Moments by the reader's clock. */
function tellTimes(now: Date): TimeWords {
  return {
    at: (time) => clock(time, now),
    since: (time) => `since ${clock(time, now)} (${ago(time, now)})`,
    until: (time) => `until ${clock(time, now)} at the latest (${until(time, now)})`,
    running: (from) => `for ${between(from, now)}`,
    ended: (from, to) => `after ${between(from, to)}, ${ago(to, now)}`,
    moment: (time) => moment(time, now),
  };
}
