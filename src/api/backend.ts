import type { SupplantClient } from '../client/api.ts';
import type { Change } from '../domain/requests.ts';
import type { ServiceKey } from '../domain/service.ts';

/** What not every system behind a gateway can do. Where a method is absent, its rpc answers UNIMPLEMENTED. */
export interface RevisionControls {
  /** Keeps a revision warm, whatever retention says. */
  pin(service: ServiceKey, revision: number, change: Change): Promise<void>;
  unpin(service: ServiceKey, revision: number, change: Change): Promise<void>;
  /** No rollback shall go there any more. */
  markBad(service: ServiceKey, revision: number, change: Change): Promise<void>;
  /** Takes a rollout out of the queue before it begins. */
  removeQueued(service: ServiceKey, rollout: number, change: Change): Promise<void>;
}

/** What the gateway asks of the system behind it: all that a client can. Fails with ApiError. */
export interface Backend extends SupplantClient, Partial<RevisionControls> {
  /**
   * Whether requests can be carried out: Temporal and the audit store answer. Where it is absent, the audit store alone
   * is asked.
   *
   * @throws ApiError UNAVAILABLE saying what does not answer
   */
  ready?(): Promise<void>;
}
