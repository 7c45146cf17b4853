import type { ChangeStop } from '../../domain/gates/stop.ts';

/** The stops of changes that are set: one for each environment at most, and one for all of them. All writes may be repeated. */
export interface ChangeStopLog {
  /** Those that are over by themselves included; by environment, that for all first. */
  list(): Promise<ChangeStop[]>;
  /** Takes the place of the one with the same scope. */
  set(stop: ChangeStop): Promise<void>;
  /** Of one environment, or, without it, of all. Lifts that one alone, and only where it is the one that began then. */
  lift(scope: Pick<ChangeStop, 'environment' | 'since'>): Promise<void>;
}
