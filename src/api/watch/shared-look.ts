import { setTimeout as sleep } from 'node:timers/promises';

/** How long watchers that want to look at the same thing wait for each other, in milliseconds. */
const GATHER_MS = 20;

/** Looks once for all who ask at the same time. What they get was looked up after they asked. */
export class SharedLook<T> {
  readonly #pending = new Map<string, Promise<T>>();

  look(key: string, ask: () => Promise<T>): Promise<T> {
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const looking = this.#gather(key, ask);
    this.#pending.set(key, looking);
    return looking;
  }

  async #gather(key: string, ask: () => Promise<T>): Promise<T> {
    await sleep(GATHER_MS);
    this.#pending.delete(key);
    return ask();
  }
}
