import { Mutex } from '../../domain/mutex.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import { AS_ROUTER, type DrainObservation, type Route, type RouteObservation } from '../../domain/traffic/route.ts';
import { findPortHolder } from '../../host/port-holder.ts';
import { formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import { InvalidRouteError } from '../router.ts';
import { checkFence, type LastWrite } from './fence.ts';
import type { CountedTarget } from './metrics-text.ts';
import type { Plane, PortListener, ServicePlane } from './plane.ts';
import { Reachability } from './reachability.ts';
import { ServicePort } from './service-port.ts';
import type { StateFile } from './state-file.ts';
import type { RouterState } from './state.ts';

/** A service that has, or had, a route. */
interface Entry {
  service: ServiceKey;
  generation: number;
  plane: ServicePlane;
  /** Absent once removed. */
  live?: { route: Route; place: ServicePort; address: Endpoint };
}

/** All services this router knows. Writes go one after the other, and are on disk before anybody hears of them. */
export class RouteTable {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<PortListener>();
  readonly #file: StateFile;
  readonly #plane: Plane;
  readonly #reachability = new Reachability();
  readonly #writes = new Mutex();

  constructor(file: StateFile, plane: Plane) {
    this.#file = file;
    this.#plane = plane;
  }

  /** Takes up where the last process stopped: every service listens again, on its own port unless that is taken. */
  async restore(state: RouterState): Promise<void> {
    for (const { service, generation } of state.removed) {
      this.#entries.set(formatServiceId(service), { service, generation, plane: this.#plane(service) });
    }
    for (const { route, port } of state.routes) {
      const plane = this.#plane(route.service);
      await plane.traffic.follow(route);
      const place = this.#newPlace(plane);
      const move = await place.prepare({ port: route.port, listen: route.listen, otherwise: port });
      move.carryOut();
      const live = { route, place, address: move.address };
      this.#entries.set(formatServiceId(route.service), {
        service: route.service,
        generation: route.generation,
        plane,
        live,
      });
    }
    if (state.routes.length > 0) await this.#save(this.#entries);
  }

  /** @throws StaleGenerationError */
  apply(route: Route): Promise<RouteObservation> {
    return this.#writes.run(async () => {
      const id = formatServiceId(route.service);
      const known = this.#entries.get(id);
      const repeated = checkFence(route.service, lastWrite(known), route.generation, route) === 'repeat';
      if (repeated && known?.live) {
        // The write before may have been kept and not followed.
        await known.plane.traffic.follow(known.live.route);
        return observe(known, known.live);
      }

      const plane = known?.plane ?? this.#plane(route.service);
      await plane.traffic.prepare?.(route);
      const place = known?.live?.place ?? this.#newPlace(plane);
      const { port, listen, strictPort = false, ...rest } = route;
      const move = await place.prepare({ port, listen, strict: strictPort });
      const wished = { ...rest, ...(strictPort ? { strictPort } : {}), ...keepWish(move.wish) };
      const live = { route: wished, place, address: move.address };
      const entry = { service: route.service, generation: route.generation, plane, live };
      await this.#save(new Map(this.#entries).set(id, entry)).catch((error: unknown) => {
        move.undo();
        throw error;
      });
      this.#entries.set(id, entry);
      move.carryOut();
      await plane.traffic.follow(route);
      await this.#untilFreed();
      return observe(entry, live);
    });
  }

  /**
   * Goes back to wanted ports that can be had by now. The other ones accept on until the next write: clients were told of
   * them.
   */
  async reclaimPorts(): Promise<void> {
    const waiting = [...this.#entries.values()].filter(({ live }) => live?.place.fault !== undefined);
    for (const { service } of waiting) {
      await this.#writes.run(() => this.#reclaimPort(formatServiceId(service)));
    }
  }

  async #reclaimPort(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry?.live?.place.fault === undefined) return;
    const { place } = entry.live;
    const move = await place.prepare({ port: undefined, isRetry: true });
    if (move.fault !== undefined) return;
    const moved = { ...entry, live: { ...entry.live, address: move.address } };
    await this.#save(new Map(this.#entries).set(id, moved)).catch((error: unknown) => {
      move.undo();
      throw error;
    });
    this.#entries.set(id, moved);
    move.carryOut({ keepOpen: true });
  }

  async observe(service: ServiceKey): Promise<RouteObservation | undefined> {
    const entry = this.#entries.get(formatServiceId(service));
    return entry?.live && this.#look(await observe(entry, entry.live));
  }

  observeAll(): Promise<RouteObservation[]> {
    const all = [...this.#entries.values()].flatMap((entry) => (entry.live ? [observe(entry, entry.live)] : []));
    return Promise.all(all.map(async (observation) => this.#look(await observation)));
  }

  /** What is counted of every revision that is in a route. */
  listCounted(): CountedTarget[] {
    return [...this.#entries.values()].flatMap(({ service, plane, live }) =>
      (live?.route.targets ?? []).flatMap(({ revision, weight }) => {
        const count = plane.traffic.count?.(revision);
        return count ? [{ service, revision, weight, count }] : [];
      }),
    );
  }

  /** Adds which of those that have traffic cannot be reached now. */
  async #look(observation: RouteObservation): Promise<RouteObservation> {
    const targets = observation.targets.map(async (target) => {
      const unreachable = target.weight > 0 ? await this.#reachability.unreachable(target.endpoints) : [];
      return unreachable.length > 0 ? { ...target, unreachable } : target;
    });
    return { ...observation, targets: await Promise.all(targets) };
  }

  /**
   * @returns what is still in flight when nothing was, the deadline had passed, or the signal fired
   * @throws InvalidRouteError when the revision takes new requests: it would never be known to be drained
   */
  async drain(
    service: ServiceKey,
    revision: number,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<DrainObservation> {
    const id = formatServiceId(service);
    const entry = this.#entries.get(id);
    if (!entry) return { requests: 0, connections: 0, afterMs: 0 };
    const since = performance.now();
    this.#refuseDrainUnderTraffic(id, revision);
    const left = await entry.plane.traffic.untilIdle(revision, deadlineMs, signal);
    this.#refuseDrainUnderTraffic(id, revision);
    return { ...left, afterMs: Math.round(performance.now() - since) };
  }

  /** @throws StaleGenerationError */
  remove(service: ServiceKey, generation: number): Promise<void> {
    return this.#writes.run(async () => {
      const id = formatServiceId(service);
      const known = this.#entries.get(id);
      if (checkFence(service, lastWrite(known), generation, undefined) === 'repeat') return;
      const entry = { service, generation, plane: known?.plane ?? this.#plane(service) };
      await this.#save(new Map(this.#entries).set(id, entry));
      this.#entries.set(id, entry);
      known?.live?.place.close();
      await this.#untilFreed();
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
    const route = this.#entries.get(id)?.live?.route;
    if (route?.cohort?.revision === revision) {
      throw new InvalidRouteError(
        `r${revision} of ${id} takes the requests of a cohort; take that away before draining it`,
      );
    }
    const target = route?.targets.find((candidate) => candidate.revision === revision);
    if (target === undefined || target.weight === 0) return;
    throw new InvalidRouteError(
      `r${revision} of ${id} takes ${target.weight} % of new requests; give it weight 0 before draining it`,
    );
  }

  #newPlace(plane: ServicePlane): ServicePort {
    const createListener = (listen: string): PortListener => {
      const listener = plane.createListener(listen);
      this.#listeners.add(listener);
      return listener;
    };
    const close = (listener: PortListener, isMoved = false): void => void this.#close(listener, isMoved);
    return new ServicePort({ listen: plane.listen, createListener }, close, (port) => this.#holderOf(port));
  }

  /** One of this router's own services, or another program. */
  async #holderOf(port: number): Promise<string | undefined> {
    const own = [...this.#entries.values()].find(({ live }) => live?.address.port === port);
    return own ? `${formatServiceId(own.service)}, a service of this router` : findPortHolder(port);
  }

  async #close(listener: PortListener, isMoved = false): Promise<void> {
    await listener.close(isMoved);
    this.#listeners.delete(listener);
  }

  /** Whoever is told that a port was given up may take it. */
  async #untilFreed(): Promise<void> {
    await Promise.all([...this.#listeners].flatMap(({ freed }) => freed ?? []));
  }

  async #save(entries: ReadonlyMap<string, Entry>): Promise<void> {
    const all = [...entries.values()];
    await this.#file.write({
      routes: all.flatMap(({ live }) => (live ? [{ port: live.address.port, route: live.route }] : [])),
      removed: all.flatMap(({ live, service, generation }) => (live ? [] : [{ service, generation }])),
    });
  }
}

/** What a later write that says nothing of it leaves as it is, also after a restart. */
function keepWish({ port, listen }: ServicePort['wish']): Pick<Route, 'port' | 'listen'> {
  return { ...(port === undefined ? {} : { port }), ...(listen === AS_ROUTER ? {} : { listen }) };
}

async function observe(entry: Entry, live: NonNullable<Entry['live']>): Promise<RouteObservation> {
  const { wish, fault, listen } = live.place;
  return {
    ...(await entry.plane.traffic.observe(live.route, live.address)),
    ...(wish.port === undefined ? {} : { wantedPort: wish.port }),
    ...(listen === undefined ? {} : { listen }),
    ...(fault === undefined ? {} : { portFault: fault }),
  };
}

function lastWrite(entry: Entry | undefined): LastWrite | undefined {
  return entry && { generation: entry.generation, ...(entry.live && { route: entry.live.route }) };
}
