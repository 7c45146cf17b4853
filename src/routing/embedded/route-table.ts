import { Mutex } from '../../domain/mutex.ts';
import type { DrainObservation, Route, RouteObservation } from '../../domain/traffic/route.ts';
import { findPortHolder } from '../../host/port-holder.ts';
import { formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import { InvalidRouteError } from '../router.ts';
import { checkFence } from './fence.ts';
import type { CountedTarget } from './metrics-text.ts';
import type { AddressPlane, Plane, PortListener } from './plane.ts';
import { PreviewPort } from './preview-port.ts';
import { Reachability } from './reachability.ts';
import {
  type ServiceEntry,
  followRoute,
  keepWish,
  observeRoute,
  placePreview,
  readLastWrite,
  saveRoute,
} from './service-entry.ts';
import { ServicePort } from './service-port.ts';
import type { StateFile } from './state-file.ts';
import type { RouterState } from './state.ts';

/** All services this router knows. Writes go one after the other, and are on disk before anybody hears of them. */
export class RouteTable {
  readonly #entries = new Map<string, ServiceEntry>();
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
      this.#entries.set(formatServiceId(service), this.#newEntry(service, generation));
    }
    for (const { route, port, previewPort } of state.routes) {
      const entry = this.#newEntry(route.service, route.generation);
      await followRoute(entry, route);
      const place = this.#newPlace(entry.plane, entry.plane.listen);
      const move = await place.prepare({ port: route.port, listen: route.listen, otherwise: port });
      move.carryOut();
      const previewMove = await entry.preview.prepare(route, previewPort);
      previewMove.carryOut();
      const live = { route, place, address: move.address, ...placePreview(previewMove) };
      this.#entries.set(formatServiceId(route.service), { ...entry, live });
    }
    if (state.routes.length > 0) await this.#save(this.#entries);
  }

  /** @throws StaleGenerationError */
  apply(route: Route): Promise<RouteObservation> {
    return this.#writes.run(async () => {
      const id = formatServiceId(route.service);
      const known = this.#entries.get(id);
      const repeated = checkFence(route.service, readLastWrite(known), route.generation, route) === 'repeat';
      if (repeated && known?.live) {
        // The write before may have been kept and not followed.
        await followRoute(known, known.live.route);
        return observeRoute(known, known.live);
      }

      const before = known ?? this.#newEntry(route.service, route.generation);
      await before.plane.traffic.prepare?.(route);
      const place = known?.live?.place ?? this.#newPlace(before.plane, before.plane.listen);
      const { port, listen, strictPort = false, preview: _preview, ...rest } = route;
      const move = await place.prepare({ port, listen, strict: strictPort });
      const previewMove = await before.preview.prepare(route).catch((error: unknown) => {
        move.undo();
        throw error;
      });
      const kept = previewMove.kept ? { preview: previewMove.kept.preview } : {};
      const wished = { ...rest, ...(strictPort ? { strictPort } : {}), ...keepWish(move.wish), ...kept };
      const live = { route: wished, place, address: move.address, ...placePreview(previewMove) };
      const entry = { ...before, generation: route.generation, live };
      await this.#keep(id, entry, [move, previewMove]);
      move.carryOut();
      previewMove.carryOut();
      await followRoute(entry, wished);
      await this.#untilFreed();
      return observeRoute(entry, live);
    });
  }

  /** On disk, then in force; nothing has changed where the disk refuses. */
  async #keep(id: string, entry: ServiceEntry, moves: readonly { undo(): void }[]): Promise<void> {
    await this.#save(new Map(this.#entries).set(id, entry)).catch((error: unknown) => {
      for (const move of moves) move.undo();
      throw error;
    });
    this.#entries.set(id, entry);
  }

  /**
   * Goes back to wanted ports that can be had by now. The other ones accept on until the next write: clients were told of
   * them.
   */
  async reclaimPorts(): Promise<void> {
    const waiting = [...this.#entries.values()].filter(
      ({ live, preview }) => (live?.place.fault ?? preview.fault) !== undefined,
    );
    for (const { service } of waiting) {
      await this.#writes.run(() => this.#reclaimPort(formatServiceId(service)));
      await this.#writes.run(() => this.#reclaimPreview(formatServiceId(service)));
    }
  }

  async #reclaimPort(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry?.live?.place.fault === undefined) return;
    const { place } = entry.live;
    const move = await place.prepare({ port: undefined, isRetry: true });
    if (move.fault !== undefined) return;
    await this.#keep(id, { ...entry, live: { ...entry.live, address: move.address } }, [move]);
    move.carryOut({ keepOpen: true });
  }

  async #reclaimPreview(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry?.live) return;
    const move = await entry.preview.reclaim(entry.live.route.preview?.revision);
    if (!move) return;
    await this.#keep(id, { ...entry, live: { ...entry.live, ...placePreview(move) } }, [move]);
    move.carryOut();
  }

  async observe(service: ServiceKey): Promise<RouteObservation | undefined> {
    const entry = this.#entries.get(formatServiceId(service));
    return entry?.live && this.#look(await observeRoute(entry, entry.live));
  }

  observeAll(): Promise<RouteObservation[]> {
    const all = [...this.#entries.values()].flatMap((entry) => (entry.live ? [observeRoute(entry, entry.live)] : []));
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
    const [left, looked] = await Promise.all([
      entry.plane.traffic.untilIdle(revision, deadlineMs, signal),
      entry.preview.untilIdle(revision, deadlineMs, signal),
    ]);
    this.#refuseDrainUnderTraffic(id, revision);
    return {
      requests: left.requests + looked.requests,
      connections: left.connections + looked.connections,
      afterMs: Math.round(performance.now() - since),
    };
  }

  /** @throws StaleGenerationError */
  remove(service: ServiceKey, generation: number): Promise<void> {
    return this.#writes.run(async () => {
      const id = formatServiceId(service);
      const known = this.#entries.get(id);
      if (checkFence(service, readLastWrite(known), generation, undefined) === 'repeat') return;
      const { live, ...rest } = known ?? this.#newEntry(service, generation);
      await this.#keep(id, { ...rest, generation }, []);
      live?.place.close();
      rest.preview.close();
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
    if (route?.preview?.revision === revision) {
      throw new InvalidRouteError(
        `r${revision} of ${id} answers at the preview address; take it away before draining it`,
      );
    }
    const target = route?.targets.find((candidate) => candidate.revision === revision);
    if (target === undefined || target.weight === 0) return;
    throw new InvalidRouteError(
      `r${revision} of ${id} takes ${target.weight} % of new requests; give it weight 0 before draining it`,
    );
  }

  #newEntry(service: ServiceKey, generation: number): ServiceEntry {
    const plane = this.#plane(service);
    const preview = new PreviewPort(plane.preview, () => this.#newPlace(plane.preview, plane.listen));
    return { service, generation, plane, preview };
  }

  #newPlace(plane: AddressPlane, usual: string): ServicePort {
    const createListener = (listen: string): PortListener => {
      const listener = plane.createListener(listen);
      this.#listeners.add(listener);
      return listener;
    };
    const close = (listener: PortListener, isMoved = false): void => void this.#close(listener, isMoved);
    return new ServicePort({ listen: usual, createListener }, close, (port) => this.#holderOf(port));
  }

  /** One of this router's own services, or another program. */
  async #holderOf(port: number): Promise<string | undefined> {
    const own = [...this.#entries.values()].find(({ live }) => live?.address.port === port);
    if (own) return `${formatServiceId(own.service)}, a service of this router`;
    const looked = [...this.#entries.values()].find(({ live }) => live?.previewAt?.port === port);
    return looked ? `the preview address of ${formatServiceId(looked.service)}` : findPortHolder(port);
  }

  async #close(listener: PortListener, isMoved = false): Promise<void> {
    await listener.close(isMoved);
    this.#listeners.delete(listener);
  }

  /** Whoever is told that a port was given up may take it. */
  async #untilFreed(): Promise<void> {
    await Promise.all([...this.#listeners].flatMap(({ freed }) => freed ?? []));
  }

  async #save(entries: ReadonlyMap<string, ServiceEntry>): Promise<void> {
    const all = [...entries.values()];
    await this.#file.write({
      routes: all.flatMap(({ live }) => (live ? [saveRoute(live)] : [])),
      removed: all.flatMap(({ live, service, generation }) => (live ? [] : [{ service, generation }])),
    });
  }
}
