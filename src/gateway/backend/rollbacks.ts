import { readRollback } from '../../activities/experiment/rollback.ts';
import { computeReleaseDigest } from '../../activities/release.ts';
import { type RollbackProof, toKnownRollback } from '../../domain/rollback/proof.ts';
import { judgeRollback, pickTold } from '../../domain/rollback/safety.ts';
import type { RollbackSafety } from '../../domain/rollback/verdict.ts';
import type { ServiceStatus } from '../../domain/rollout/status.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { Store } from '../../store/store.ts';

/** What is known of services' rollbacks, by the record. */
export class Rollbacks {
  readonly #store: () => Promise<Store>;

  constructor(store: () => Promise<Store>) {
    this.#store = store;
  }

  async proofs(service: ServiceKey, limit: number): Promise<RollbackProof[]> {
    return (await this.#store()).experiments.proofs.list(service, { limit });
  }

  /** Of going back from what is live; nothing where nobody has tried it, nor the service demands that. */
  async safety({ spec, live }: ServiceStatus): Promise<RollbackSafety | undefined> {
    const { service, rollbackSafety: demand } = spec;
    const { catalogue, experiments } = await this.#store();
    if (live === undefined) return undefined;
    // Most services were never tried.
    const [any] = await experiments.proofs.list(service, { limit: 1 });
    if (!any && demand !== 'proven') return undefined;
    const { live: from, previous: to } = await readRollback(catalogue, service);
    if (!from || !to) return undefined;
    const pair = { service, from: computeReleaseDigest(from), to: computeReleaseDigest(to) };
    const proof = await experiments.proofs.find(pair);
    const known = proof ? [toKnownRollback(proof)] : [];
    return pickTold(judgeRollback(pair.from, { number: to.number, release: pair.to }, known), demand);
  }
}
