import type { Quarantine } from '../../domain/rollout/status.ts';
import type { ServiceKey } from '../../domain/service/service.ts';

/** Stacks that could not be destroyed yet, and how often that was tried. All writes may be repeated. */
export interface TeardownLog {
  /** Inserts or replaces by service and revision. */
  save(service: ServiceKey, teardown: Quarantine): Promise<void>;
  /** It is gone. */
  forget(service: ServiceKey, revision: number): Promise<void>;
}
