import type { CheckSpec } from '../domain/evidence/checks.ts';

/** How often a revision under traffic is asked while few are, in milliseconds. */
const SHORTEST_MS = 1_000;

/** What a process spends on looks, however many bakes it has: from some 700 on each is asked as seldom as it may be. */
const LOOKS_PER_SECOND = 20;

/** What one look costs, as HTTP requests: a command is a process to start. */
const COST: Record<CheckSpec['kind'], number> = { http: 1, command: 10 };

/** Spreads the looks of all bakes in this process, so that many of them leave it time for other work. */
export class LookPace {
  #cost = 0;

  /** Until disposed of, the looks count. */
  join(checks: readonly CheckSpec[], endpoints: number): Disposable {
    const cost = endpoints * checks.reduce((sum, { kind }) => sum + COST[kind], 0);
    this.#cost += cost;
    return { [Symbol.dispose]: () => (this.#cost -= cost) };
  }

  /** Between two looks of one bake, in milliseconds. */
  intervalMs(longestMs: number): number {
    return Math.max(SHORTEST_MS, Math.min(longestMs, (this.#cost / LOOKS_PER_SECOND) * 1_000));
  }
}
