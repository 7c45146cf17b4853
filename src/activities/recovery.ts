import type { PutBackStage, RolloutRef } from '../domain/service/requests.ts';
import type { RolloutOutcome } from '../domain/rollout/rollout.ts';
import { readRolloutWrite } from '../domain/traffic/generation.ts';
import type { Journal } from './journal.ts';

/** How far a rollout has come by what is recorded. */
export interface Reached {
  settled: boolean;
  /** How many times a route was written, or was about to be. */
  routeWrites: number;
  /** How far it is on its way back, where it is. */
  putBack?: PutBackStage;
  /** How it ended. */
  outcome?: RolloutOutcome;
}

/** What is recorded before a route is touched. */
const ROUTE_EVENTS: readonly string[] = ['route.changing', 'route.removing'];

/** What a rollout's workflow may have forgotten. Reads only. */
export function recoveryActivities(journal: Journal) {
  return {
    async reached({ ref }: { ref: RolloutRef }): Promise<Reached> {
      const events = await journal.events(ref);
      const writes = events
        .filter(({ type }) => ROUTE_EVENTS.includes(type))
        .map(({ data }) => readRolloutWrite(ref.number, Number(data.generation)) ?? 0);
      const outcome = events.find(({ type }) => type === 'rollout.finished')?.data.outcome;
      const stages = events.flatMap(({ type, data }) => (type === 'rollout.putting-back' ? [data.stage] : []));
      const putBack = stages.includes('begun') ? 'begun' : stages.length > 0 ? 'asked' : undefined;
      return {
        settled: events.some(({ type }) => type === 'rollout.settled'),
        routeWrites: Math.max(0, ...writes),
        ...(putBack === undefined ? {} : { putBack }),
        ...(outcome === undefined ? {} : { outcome: outcome as RolloutOutcome }),
      };
    },
  };
}
