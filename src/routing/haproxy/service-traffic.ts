import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { LatencyHistogram } from '../../domain/traffic/request-series.ts';
import type { Route, RouteObservation } from '../../domain/traffic/route.ts';
import type { Traffic } from '../embedded/plane.ts';
import { InvalidRouteError } from '../router.ts';
import type { RevisionCounts } from './control.ts';
import { LIMITS } from './limits.ts';
import type { HaproxyProcess } from './process.ts';
import { EMPTY_TALLY, addTallies } from './slots.ts';
import { LATENCY_BOUNDS_MS } from '../embedded/series-count.ts';
import { NOTHING, type Wanted, resolveWanted } from './wanted.ts';

const NONE: RevisionCounts = { inFlight: 0, upgraded: 0, ...EMPTY_TALLY };

function buildHistogram(latencies: readonly number[]): LatencyHistogram {
  const boundsMs = [...LATENCY_BOUNDS_MS];
  return { boundsMs, counts: Array.from({ length: boundsMs.length + 1 }, (_, index) => latencies[index] ?? 0) };
}

/** Where one service's requests go, over all of its processes: the one that serves its port, and those that drain. */
export class ServiceTraffic implements Traffic {
  readonly #processes = new Set<HaproxyProcess>();
  readonly #failures = new Map<number, { count: number; at: Date | undefined }>();
  /** What new processes of the service are started with. */
  wanted: Wanted = NOTHING;

  add(process: HaproxyProcess): void {
    this.#processes.add(process);
  }

  async prepare(route: Route): Promise<void> {
    if (route.targets.length > LIMITS.revisions) {
      const most = `HAProxy has room for ${LIMITS.revisions} revisions of a service`;
      throw new InvalidRouteError(`${route.targets.length} revisions stand; ${most}`);
    }
    if (route.cohort) await this.#requireCohorts();
    const { faults } = await resolveWanted(route);
    if (faults.length > 0) throw new Error(faults.join('; '));
  }

  async follow(route: Route): Promise<void> {
    const { wanted, faults } = await resolveWanted(route);
    for (const fault of faults) console.error(`router: ${fault}`);
    this.wanted = wanted;
    await Promise.all([...this.#processes].map((process) => process.follow(this.wanted)));
  }

  async observe(route: Route, address: Endpoint): Promise<RouteObservation> {
    const counts = await this.#count();
    return {
      service: route.service,
      generation: route.generation,
      address,
      ...(route.closed === undefined ? {} : { closed: route.closed }),
      ...(route.cohort === undefined ? {} : { cohort: route.cohort }),
      targets: route.targets.map((target) => {
        const lastFailedAt = this.#failures.get(target.revision)?.at;
        const last = lastFailedAt ? { lastFailedAt: lastFailedAt.toISOString() } : {};
        const { answered, errors, latencies, ...found } = counts.get(target.revision) ?? NONE;
        const latency = latencies && { latency: buildHistogram(latencies) };
        return { ...target, ...found, series: { requests: answered, errors, ...latency }, ...last };
      }),
    };
  }

  async untilIdle(
    revision: number,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<{ requests: number; connections: number }> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const { inFlight, upgraded } = (await this.#count()).get(revision) ?? NONE;
      const left = deadline - performance.now();
      if (inFlight === 0 || left <= 0 || signal.aborted) {
        return { requests: inFlight - upgraded, connections: upgraded };
      }
      // Given up: what is left is said as it is.
      await sleep(Math.min(LIMITS.idlePauseMs, left), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Notes when requests were not answered, for whoever looks later. */
  async note(): Promise<void> {
    await this.#count();
  }

  async #requireCohorts(): Promise<void> {
    const accepting = [...this.#processes].filter((process) => !process.isLeaving);
    const able = await Promise.all(accepting.map((process) => process.canTellCohorts()));
    if (able.every(Boolean)) return;
    const why = 'the HAProxy of this service was started by an earlier version of Supplant, and can tell no cohort';
    throw new InvalidRouteError(
      `${why}; end that process when it suits, and it is started anew with all that it does now`,
    );
  }

  async #count(): Promise<Map<number, RevisionCounts>> {
    const sums = new Map<number, RevisionCounts>();
    for (const counts of await Promise.all([...this.#processes].map((process) => process.count()))) {
      for (const [revision, found] of counts) {
        const sum = sums.get(revision) ?? NONE;
        sums.set(revision, {
          inFlight: sum.inFlight + found.inFlight,
          upgraded: sum.upgraded + found.upgraded,
          ...addTallies(sum, found),
        });
      }
    }
    for (const [revision, { failed }] of sums) {
      const before = this.#failures.get(revision);
      const at = failed > (before?.count ?? 0) ? new Date() : before?.at;
      this.#failures.set(revision, { count: failed, at });
    }
    return sums;
  }
}
