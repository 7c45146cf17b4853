import { type ProcessIdentity, identifyProcess } from '../../host/process-identity.ts';
import { COHORT_MAPS, type CohortMap, chooseCohortMap, renderCohortMap } from './cohort-map.ts';
import { FRONTEND, ROUTE_MAP, UPGRADED } from './config.ts';
import { LATENCIES, completeLatencies, parseLatencies } from './latency.ts';
import { renderRouteMap } from './route-map.ts';
import { OrderRefusedError, RuntimeSocket } from './runtime-socket.ts';
import { type Order, planServerOrders } from './server-orders.ts';
import { EMPTY_TALLY, type Slot, assignSlots, formatSlot, subtractTally } from './slots.ts';
import { type BackendCounts, parseBackendCounts, parseConnections, parseServers } from './statistics.ts';
import type { Wanted } from './wanted.ts';

/** What one HAProxy has counted of a revision. */
export interface RevisionCounts extends BackendCounts {
  /** Of those in flight, the connections that changed their protocol. */
  upgraded: number;
}

const NOTHING_COUNTED: BackendCounts = { inFlight: 0, ...EMPTY_TALLY };
const DELETED = /^(?:Server deleted\.|No such server\.)$/;

/** The orders that one running HAProxy gets over its runtime socket. */
export class Control {
  readonly #socket: RuntimeSocket;
  /** There may be servers that are not wanted any more. */
  #hasLeaving = true;

  constructor(socketPath: string) {
    this.#socket = new RuntimeSocket(socketPath);
  }

  /** Which process answers; undefined where it has ended meanwhile. */
  async identify(): Promise<ProcessIdentity | undefined> {
    return identifyProcess(Number(/^Pid: (\d+)$/m.exec(await this.#socket.ask('show info'))?.[1]));
  }

  /**
   * Makes HAProxy do what is wanted. Servers are there before requests are sent to them, and take nothing new only after
   * the last one was; in between, all of the route changes at once.
   *
   * @param keep writes down the slots; before anything is sent to one
   * @returns the slots from then on
   */
  async bring(wanted: Wanted, held: readonly Slot[], keep: (slots: Slot[]) => Promise<void>): Promise<Slot[]> {
    const [counts, found] = await Promise.all([this.#countBackends(), this.#listServers()]);
    const revisions = wanted.revisions.map(({ revision }) => revision);
    const isUsed = ({ revision, number }: Slot): boolean => {
      const backend = formatSlot(number);
      const isBusy = (counts.get(backend)?.inFlight ?? 0) > 0;
      return isBusy || revisions.includes(revision) || found.some((server) => server.backend === backend);
    };
    const slots = assignSlots(
      held.filter(isUsed),
      revisions,
      (number) => counts.get(formatSlot(number)) ?? NOTHING_COUNTED,
    );
    await keep(slots);
    const { before, after, leaving } = planServerOrders(found, wanted, slots);
    await this.#carryOut(before);
    const cohortMap = await this.#writeCohort(wanted);
    await this.#socket.replaceMap(ROUTE_MAP, renderRouteMap(wanted, slots, cohortMap));
    await this.#carryOut(after);
    await this.#delete(leaving);
    return slots;
  }

  /** Whether it was started with maps for a cohort: one of an earlier version, which goes on, was not. */
  async canTellCohorts(): Promise<boolean> {
    const maps = await this.#socket.ask('show map');
    return Object.values(COHORT_MAPS).every((map) => maps.includes(`(${map})`));
  }

  /** Writes the rule where it does not count yet: it does with the next route map. */
  async #writeCohort({ cohort }: Wanted): Promise<CohortMap> {
    if (!cohort) return 'a';
    const map = chooseCohortMap(await this.#socket.ask(`show map ${ROUTE_MAP}`));
    await this.#socket.replaceMap(COHORT_MAPS[map], renderCohortMap(cohort));
    return map;
  }

  /** Deletes what is not wanted any more and HAProxy held on to before. */
  async tidy(wanted: Wanted, slots: readonly Slot[]): Promise<void> {
    if (!this.#hasLeaving) return;
    await this.#delete(planServerOrders(await this.#listServers(), wanted, slots).leaving);
  }

  async count(slots: readonly Slot[]): Promise<Map<number, RevisionCounts>> {
    const [counts, table] = await Promise.all([this.#countBackends(), this.#socket.ask(`show table ${UPGRADED}`)]);
    const connections = parseConnections(table);
    return new Map(
      slots.map(({ revision, number, before }) => {
        const { inFlight, ...tally } = counts.get(formatSlot(number)) ?? NOTHING_COUNTED;
        const upgraded = Math.min(inFlight, connections.get(formatSlot(number)) ?? 0);
        return [revision, { inFlight, upgraded, ...subtractTally(tally, before) }];
      }),
    );
  }

  /** Frees the port for good. What is under way goes on; its connections end with the next answer. */
  async stopAccepting(): Promise<void> {
    await this.#socket.order(`shutdown frontend ${FRONTEND}`, /^(?:|Frontend was already shut down\.)$/);
  }

  /** Of every backend: type 2 in `show stat`. Latencies are asked for after that, so that none is missing of what was counted. */
  async #countBackends(): Promise<Map<string, BackendCounts>> {
    const counts = parseBackendCounts(await this.#socket.ask('show stat -1 2 -1'));
    const timed = parseLatencies(await this.#socket.ask(`show table ${LATENCIES}`));
    return new Map(
      [...counts].map(([backend, { givenUp, ...found }]): [string, BackendCounts] => {
        if (!timed) return [backend, found];
        const latencies = completeLatencies({ answered: found.answered, givenUp }, timed.get(backend));
        return [backend, { ...found, latencies }];
      }),
    );
  }

  async #listServers() {
    return parseServers(await this.#socket.ask('show servers state'));
  }

  async #carryOut(orders: readonly Order[]): Promise<void> {
    for (const { text, done } of orders) await this.#socket.order(text, done);
  }

  /** HAProxy keeps a server for as long as it has a connection; it takes nothing new meanwhile. */
  async #delete(servers: readonly string[]): Promise<void> {
    this.#hasLeaving = false;
    for (const server of servers) {
      await this.#socket.order(`del server ${server}`, DELETED).catch((error: unknown) => {
        this.#hasLeaving = true;
        if (!(error instanceof OrderRefusedError)) throw error;
      });
    }
  }
}
