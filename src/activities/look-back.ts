import type { RolloutRef } from '../domain/requests.ts';
import type { RolloutOutcome } from '../domain/rollout.ts';
import type { Journal } from './journal.ts';

/** How far a rollout has come by what is on record. */
export interface Reached {
  settled: boolean;
  /** A route was written, or was about to be. */
  routed: boolean;
  /** How it ended. */
  outcome?: RolloutOutcome;
}

/** What a rollout's workflow may have forgotten. Reads only. */
export function lookBackActivities(journal: Journal) {
  return {
    async reached({ ref }: { ref: RolloutRef }): Promise<Reached> {
      const events = await journal.events(ref);
      const has = (...types: string[]): boolean => events.some(({ type }) => types.includes(type));
      const outcome = events.find(({ type }) => type === 'rollout.finished')?.data.outcome;
      return {
        settled: has('rollout.settled'),
        routed: has('route.changing', 'route.removing'),
        ...(outcome === undefined ? {} : { outcome: outcome as RolloutOutcome }),
      };
    },
  };
}
