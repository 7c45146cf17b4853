import type { ServiceKey } from '../service/service.ts';

/** Rollouts that would begin or go on hold: in one environment, or in all of them. */
export interface ChangeStop {
  /** Absent where it is for all. */
  environment?: string;
  actor: string;
  reason: string;
  /** ISO 8601. */
  since: string;
  /** When it ends by itself, ISO 8601; absent where somebody has to lift it. */
  until?: string;
}

/** The stop that counts for a service now: of several the one that lasts longest. */
export function findStop(
  stops: readonly ChangeStop[],
  { environment }: ServiceKey,
  now: number,
): ChangeStop | undefined {
  const end = ({ until }: ChangeStop): number => (until === undefined ? Infinity : Date.parse(until));
  return stops
    .filter((stop) => (stop.environment ?? environment) === environment && end(stop) > now)
    .toSorted((one, other) => end(other) - end(one) || one.since.localeCompare(other.since))
    .at(0);
}

/** `all environments`, `environment production`. */
export function describeScope({ environment }: Pick<ChangeStop, 'environment'>): string {
  return environment === undefined ? 'all environments' : `environment ${environment}`;
}

/** `changes in all environments are stopped by ada: an incident`. */
export function describeStop(stop: ChangeStop): string {
  return `changes in ${describeScope(stop)} are stopped by ${stop.actor}: ${stop.reason}`;
}

/** The type of the failure of a move of traffic that a stop has held; its one detail is the stop. */
export const STOPPED = 'ChangesStopped' as const;

/** A stop as a failure carries it. */
export function readStop(detail: unknown): ChangeStop | undefined {
  const isStop = typeof detail === 'object' && detail !== null && 'reason' in detail && 'since' in detail;
  return isStop ? (detail as ChangeStop) : undefined;
}
