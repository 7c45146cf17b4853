import type { Client } from '@temporalio/client';
import type { Store } from '../../store/store.ts';
import { AnotherStoreError, requireNamespace } from '../../temporal/namespace-owner.ts';

/** How long Temporal may take to say whose a namespace is, in milliseconds. */
const LOOK_MS = 1_500;

/**
 * Keeps a gateway from answering out of a record that is not the one of its namespace's work: it would know no service, and what it
 * accepts its workers would refuse as not recorded. A gateway starts without Temporal, so whose the namespace is may be found out
 * later only; until then what is recorded is answered.
 */
export class NamespaceGuard {
  readonly #temporal: Client;
  #isSettled = false;
  #asking: Promise<void> | undefined;

  constructor(temporal: Client) {
    this.#temporal = temporal;
  }

  /**
   * @param store undefined where there is none yet
   * @throws AnotherStoreError where the namespace is known to be of another store
   */
  async require(store: Pick<Store, 'installation'> | undefined): Promise<void> {
    if (this.#isSettled) return;
    this.#asking ??= this.#ask(store).finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  async #ask(store: Pick<Store, 'installation'> | undefined): Promise<void> {
    try {
      const id = await store?.installation();
      const ask = () => requireNamespace(this.#temporal, id);
      this.#isSettled = await this.#temporal.connection.withDeadline(Date.now() + LOOK_MS, ask);
    } catch (error) {
      if (error instanceof AnotherStoreError) throw error;
    }
  }
}
