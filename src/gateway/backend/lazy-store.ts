import type { Store } from '../../store/store.ts';

/** A store that is opened when it is first needed, since most requests need none. A failure to open is not kept. */
export class LazyStore {
  readonly #openStore: () => Promise<Store>;
  #store: Promise<Store> | undefined;

  constructor(openStore: () => Promise<Store>) {
    this.#openStore = openStore;
  }

  open(): Promise<Store> {
    const opening = (this.#store ??= this.#openStore());
    opening.catch(() => {
      if (this.#store === opening) this.#store = undefined;
    });
    return opening;
  }

  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined);
    await store?.close();
  }
}
