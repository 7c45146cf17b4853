import type { RouterSpec } from '../domain/service/service.ts';
import type { Router, RouterFactory, RouterLookup } from './router.ts';

/**
 * How the routers of each kind are opened from an installation's options. What takes its time to load is imported here,
 * so that nobody waits for a router that no service names.
 */
export type RouterRegistry<Options> = {
  [Kind in RouterSpec['kind']]: (
    options: Options,
  ) => RouterFactory<Extract<RouterSpec, { kind: Kind }>> | Promise<RouterFactory<Extract<RouterSpec, { kind: Kind }>>>;
};

/** An installation's routers. Each kind is opened when a service first names it. */
export class Routers<Options> implements RouterLookup {
  readonly #registry: RouterRegistry<Options>;
  readonly #options: Options;
  readonly #opened = new Map<string, Promise<RouterFactory>>();

  constructor(registry: RouterRegistry<Options>, options: Options) {
    this.#registry = registry;
    this.#options = options;
  }

  /** @throws RangeError where this version knows no such kind: a newer one described the service */
  async of(spec: RouterSpec): Promise<Router> {
    return (await this.#factory(spec.kind)).create(spec);
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values());
    this.#opened.clear();
    await Promise.all(opened.map(async (each) => (each.status === 'fulfilled' ? each.value.close() : undefined)));
  }

  #factory(kind: RouterSpec['kind']): Promise<RouterFactory> {
    const before = this.#opened.get(kind);
    if (before) return before;
    const opening = this.#open(kind);
    this.#opened.set(kind, opening);
    // What could not be opened is tried again by the next who asks.
    opening.catch(() => this.#opened.delete(kind));
    return opening;
  }

  async #open(kind: RouterSpec['kind']): Promise<RouterFactory> {
    if (!Object.hasOwn(this.#registry, kind)) {
      throw new RangeError(`no router '${kind}'; there are ${Object.keys(this.#registry).join(', ')}`);
    }
    return this.#registry[kind](this.#options);
  }
}
