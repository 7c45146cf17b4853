import type { Store } from '../../store/store.ts';

/** A store that is opened when it is first needed, since most requests need none. A failure to open is not kept. */
export class LazyStore {
  readonly #openStore: () => Promise<Store>;
  readonly #admit: (store: Store) => Promise<void>;
  #store: Promise<Store> | undefined;

  /** @param admit asked each time that the store is needed: whether it may be used */
  constructor(openStore: () => Promise<Store>, admit: (store: Store) => Promise<void>) {
    this.#openStore = openStore;
    this.#admit = admit;
  }

  async open(): Promise<Store> {
    const store = await this.#opened();
    await this.#admit(store);
    return store;
  }

  #opened(): Promise<Store> {
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
