import type { Endpoint } from '../../domain/revision.ts';
import type { Route, RouteObservation } from '../../domain/route.ts';
import { serviceId, type ServiceKey } from '../../domain/service.ts';
import { InvalidRouteError } from '../router.ts';
import type { Connections } from './connections.ts';
import { fence, type LastWrite } from './fence.ts';
import { Listener } from './listener.ts';
import { ServiceTraffic } from './service-traffic.ts';
import type { StateFile } from './state-file.ts';
import type { RouterState } from './state.ts';

/** A service that has, or had, a route. */
interface Entry {
  service: ServiceKey;
  generation: number;
  traffic: ServiceTraffic;
  /** Absent once removed. */
  live?: { route: Route; listener: Listener; address: Endpoint };
}

/** All services this router knows. Writes go one after the other, and are on disk before anybody hears of them. */
export class RouteTable {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<Listener>();
  readonly #file: StateFile;
  readonly #connections: Connections;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(file: StateFile, connections: Connections) {
    this.#file = file;
    this.#connections = connections;
  }

  /** Takes up where the last process stopped: every service listens again, on its own port unless that is taken. */
  async restore(state: RouterState): Promise<void> {
    for (const { service, generation } of state.removed) {
      this.#entries.set(serviceId(service), { service, generation, traffic: new ServiceTraffic() });
    }
    for (const { route, port } of state.routes) {
      const traffic = new ServiceTraffic();
      traffic.follow(route);
      const live = await this.#listen(route, port, traffic);
      this.#entries.set(serviceId(route.service), {
        service: route.service,
        generation: route.generation,
        traffic,
        live,
      });
    }
    if (state.routes.length > 0) await this.#save(this.#entries);
  }

  /** @throws StaleGenerationError */
  apply(route: Route): Promise<RouteObservation> {
    return this.#inTurn(async () => {
      const id = serviceId(route.service);
      const known = this.#entries.get(id);
      const repeated = fence(route.service, lastWrite(known), route.generation, route) === 'repeat';
      if (repeated && known?.live) return observe(known, known.live);

      const traffic = known?.traffic ?? new ServiceTraffic();
      const live = known?.live ? { ...known.live, route } : await this.#listen(route, route.port, traffic);
      const entry = { service: route.service, generation: route.generation, traffic, live };
      try {
        await this.#save(new Map(this.#entries).set(id, entry));
      } catch (error) {
        if (!known?.live) void this.#close(live.listener);
        throw error;
      }
      this.#entries.set(id, entry);
      traffic.follow(route);
      return observe(entry, live);
    });
  }

  observe(service: ServiceKey): RouteObservation | undefined {
    const entry = this.#entries.get(serviceId(service));
    return entry?.live && observe(entry, entry.live);
  }

  observeAll(): RouteObservation[] {
    return [...this.#entries.values()].flatMap((entry) => (entry.live ? [observe(entry, entry.live)] : []));
  }

  /**
   * @returns requests still in flight when nothing was, the deadline had passed, or the signal fired
   * @throws InvalidRouteError when the revision takes new requests: it would never be known to be drained
   */
  async drain(service: ServiceKey, revision: number, deadlineMs: number, signal: AbortSignal): Promise<number> {
    const id = serviceId(service);
    const entry = this.#entries.get(id);
    if (!entry) return 0;
    const count = entry.traffic.count(revision);
    this.#refuseDrainUnderTraffic(id, revision);
    await count.idle(deadlineMs, signal);
    this.#refuseDrainUnderTraffic(id, revision);
    return count.inFlight;
  }

  /** @throws StaleGenerationError */
  remove(service: ServiceKey, generation: number): Promise<void> {
    return this.#inTurn(async () => {
      const id = serviceId(service);
      const known = this.#entries.get(id);
      if (fence(service, lastWrite(known), generation, undefined) === 'repeat') return;
      const entry = { service, generation, traffic: known?.traffic ?? new ServiceTraffic() };
      await this.#save(new Map(this.#entries).set(id, entry));
      this.#entries.set(id, entry);
      if (known?.live) void this.#close(known.live.listener);
    });
  }

  /** Stops accepting, and waits for what is under way, at most this long; cuts the rest. */
  async shutDown(graceMs: number): Promise<void> {
    const closed = Promise.all([...this.#listeners].map((listener) => this.#close(listener)));
    const timer = setTimeout(() => {
      for (const listener of this.#listeners) listener.cut();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  #refuseDrainUnderTraffic(id: string, revision: number): void {
    const target = this.#entries.get(id)?.live?.route.targets.find((candidate) => candidate.revision === revision);
    if (target === undefined || target.weight === 0) return;
    throw new InvalidRouteError(
      `r${revision} of ${id} takes ${target.weight} % of new requests; give it weight 0 before draining it`,
    );
  }

  async #listen(route: Route, port: number | undefined, traffic: ServiceTraffic) {
    const listener = new Listener(traffic, this.#connections);
    await listener.open(port);
    this.#listeners.add(listener);
    return { route, listener, address: listener.address };
  }

  async #close(listener: Listener): Promise<void> {
    await listener.close();
    this.#listeners.delete(listener);
  }

  async #save(entries: ReadonlyMap<string, Entry>): Promise<void> {
    const all = [...entries.values()];
    await this.#file.write({
      routes: all.flatMap(({ live }) => (live ? [{ port: live.address.port, route: live.route }] : [])),
      removed: all.flatMap(({ live, service, generation }) => (live ? [] : [{ service, generation }])),
    });
  }

  async #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(write);
    this.#lastWrite = turn.catch(() => undefined);
    return turn;
  }
}

function observe(entry: Entry, live: NonNullable<Entry['live']>): RouteObservation {
  return entry.traffic.observe(live.route, live.address);
}

function lastWrite(entry: Entry | undefined): LastWrite | undefined {
  return entry && { generation: entry.generation, ...(entry.live && { route: entry.live.route }) };
}
