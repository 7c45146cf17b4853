import type { ContractRecord } from '../../domain/migrations/contract.ts';
import type { ServiceKey } from '../../domain/service/service.ts';

/** What is to be taken away once nobody goes back to the revisions that need it. All writes may be repeated. */
export interface ContractLog {
  /** Inserts or replaces by service and revision. One that is done or cancelled stays so. */
  save(service: ServiceKey, contract: ContractRecord): Promise<void>;
  /** All of a service, the oldest revision's first. */
  list(service: ServiceKey): Promise<ContractRecord[]>;
}
