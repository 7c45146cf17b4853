import type { Endpoint } from '../../domain/service/revision.ts';
import { derivePreviewRoute } from '../../domain/traffic/derive-preview-route.ts';
import type { PreviewAddress, PreviewObservation } from '../../domain/traffic/preview-address.ts';
import type { DrainObservation, Route } from '../../domain/traffic/route.ts';
import type { AddressPlane } from './plane.ts';
import type { PortMove, ServicePort } from './service-port.ts';

/** A change of a service's preview address that is prepared: nobody sees anything of it before it is carried out. */
export interface PreviewMove {
  /** What the route says of it from then on, and where it is; absent where the service has no such address any more. */
  kept?: { preview: PreviewAddress; address: Endpoint };
  carryOut(): void;
  undo(): void;
}

/** The preview address of one service, from the first route that has one to the one that gives it up. */
export class PreviewPort {
  readonly #plane: AddressPlane;
  readonly #make: () => ServicePort;
  #place: ServicePort | undefined;

  /** @param make makes the port, which is open nowhere yet */
  constructor(plane: AddressPlane, make: () => ServicePort) {
    this.#plane = plane;
    this.#make = make;
  }

  /** Why it is not where it is wanted. */
  get fault(): string | undefined {
    return this.#place?.fault;
  }

  /**
   * Opens what a route asks for. One that says where clients connect, and nothing of a preview address, gives that up.
   *
   * @param otherwise the port that is taken where no other is asked for
   */
  async prepare({ preview, listen }: Route, otherwise?: number): Promise<PreviewMove> {
    const before = this.#place;
    if (!preview && (before === undefined || listen !== undefined)) {
      const carryOut = (): void => {
        before?.close();
        this.#place = undefined;
      };
      return { carryOut, undo: () => undefined };
    }
    const place = before ?? this.#make();
    const wish = { port: preview?.port, listen, ...(otherwise === undefined ? {} : { otherwise }) };
    const move = await place.prepare(wish);
    return this.#follow(place, move, preview?.revision);
  }

  /** Goes back to the port that is wanted, where that can be had by now; undefined where it cannot, or nothing else is open. */
  async reclaim(revision: number | undefined): Promise<PreviewMove | undefined> {
    const place = this.#place;
    if (place?.fault === undefined) return undefined;
    const move = await place.prepare({ port: undefined, isRetry: true });
    return move.fault === undefined ? this.#follow(place, move, revision, { keepOpen: true }) : undefined;
  }

  #follow(place: ServicePort, move: PortMove, revision: number | undefined, how = { keepOpen: false }): PreviewMove {
    const { port } = move.wish;
    const preview = {
      ...(port === undefined ? {} : { port }),
      ...(revision === undefined ? {} : { revision }),
    };
    const carryOut = (): void => {
      move.carryOut(how);
      this.#place = place;
    };
    return { kept: { preview, address: move.address }, carryOut, undo: () => move.undo() };
  }

  /** Requests there follow `route` once it resolves. */
  async follow(route: Route): Promise<void> {
    await this.#plane.traffic.follow(derivePreviewRoute(route));
  }

  async observe(route: Route, address: Endpoint): Promise<PreviewObservation> {
    const { targets } = await this.#plane.traffic.observe(derivePreviewRoute(route), address);
    const { revision, inFlight = 0, served = 0, failed = 0 } = targets[0] ?? {};
    const wantedPort = this.#place?.wish.port;
    return {
      address,
      ...(revision === undefined ? {} : { revision }),
      ...(wantedPort === undefined ? {} : { wantedPort }),
      ...(this.fault === undefined ? {} : { portFault: this.fault }),
      ...{ inFlight, served, failed },
    };
  }

  /** What came there and is in flight goes with its stack, too. */
  untilIdle(revision: number, deadlineMs: number, signal: AbortSignal): Promise<Omit<DrainObservation, 'afterMs'>> {
    return this.#plane.traffic.untilIdle(revision, deadlineMs, signal);
  }

  close(): void {
    this.#place?.close();
    this.#place = undefined;
  }
}
