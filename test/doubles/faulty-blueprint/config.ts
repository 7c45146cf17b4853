import type { JsonObject } from '../../../src/domain/json.ts';

/** One thing that goes wrong, as written in `config.faults`; of several that fit, the first that is not used up counts. */
export interface PlannedFault {
  on: 'create' | 'delete';
  /** The resource: `release`, `p1`, `p2`, … Any unless told: name one of several to have a destroy fail half-way. */
  resource?: string;
  /**
   * `hang`: never answers, whoever asks it to stop. `slow`: answers `ms` later. `error`: fails with nothing done.
   * `throttled`: the same, as a provider with too many callers says it. `error-after`: does it and says it failed.
   */
  does: 'hang' | 'slow' | 'error' | 'throttled' | 'error-after';
  /** How many times; always unless told. Counted on disk, across kills. */
  times?: number;
  /** Of `slow`, in milliseconds: 5,000 unless told. */
  ms?: number;
}

/** `rest` is the config without the faults. */
export function readFaults(config: JsonObject): { faults: PlannedFault[]; rest: JsonObject } {
  const { faults = [], ...rest } = config;
  return { faults: faults as unknown as PlannedFault[], rest };
}
