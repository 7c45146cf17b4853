import type { ChaosOptions } from './options.ts';
import { type Plan, described, planOf, variantOf } from './plan.ts';
import { type RunResult, addResult } from './results.ts';
import { carryOut } from './run.ts';
import { World } from './world.ts';

/** A world serves this many runs, so that the few seconds of its start and end are shared; each leaves it empty. */
const RUNS_OF_A_WORLD = 8;

interface Inhabited {
  world: World;
  /** Which it has served. */
  runs: number;
}

/** Several runs at once, each in a world of its own. */
export class Jobs {
  readonly #options: ChaosOptions;
  readonly #commit: string;
  readonly #worlds = new Set<World>();
  readonly #results: RunResult[] = [];
  readonly #deadline: number;
  #next: number;

  constructor(options: ChaosOptions, commit: string) {
    this.#options = options;
    this.#commit = commit;
    this.#next = options.seed;
    this.#deadline = performance.now() + options.minutes * 60_000;
  }

  async run(): Promise<RunResult[]> {
    const working = Array.from({ length: this.#options.jobs }, () => this.#work());
    try {
      await Promise.all(working);
    } catch (error) {
      // The harness itself has failed; what the others have begun is finished and counted.
      this.#next = Number.POSITIVE_INFINITY;
      await Promise.allSettled(working);
      throw error;
    }
    return this.#results;
  }

  /** Ends every world at once. */
  async end(): Promise<void> {
    this.#next = Number.POSITIVE_INFINITY;
    await Promise.allSettled([...this.#worlds].map((world) => world.cease()));
  }

  async #work(): Promise<void> {
    const own = new Map<string, Inhabited>();
    while (this.#hasMore()) {
      const plan = planOf(this.#next);
      this.#next += 1;
      const kind = JSON.stringify(variantOf(plan));
      const inhabited = own.get(kind) ?? { world: await World.open(variantOf(plan)), runs: 0 };
      own.set(kind, inhabited);
      this.#worlds.add(inhabited.world);
      inhabited.runs += 1;
      const isClean = await this.#runIn(inhabited.world, plan);
      if (isClean && inhabited.runs < RUNS_OF_A_WORLD) continue;
      own.delete(kind);
      await this.#leave(inhabited.world, isClean);
    }
    for (const { world } of own.values()) await this.#leave(world, true);
  }

  /** Says whether nothing was found. */
  async #runIn(world: World, plan: Plan): Promise<boolean> {
    const result = { ...(await carryOut(world, plan)), commit: this.#commit };
    this.#results.push(result);
    addResult(this.#options.results, result);
    const isClean = result.findings.length === 0;
    console.log(`${isClean ? '✔' : '✘'} ${described(plan)} (${result.seconds} s)`);
    for (const { kind, text } of result.findings) console.log(`    ${kind}: ${text}`);
    if (!isClean) console.log(`    logs and stores: ${world.root}; again: npm run chaos -- --seed ${plan.seed}`);
    return isClean;
  }

  async #leave(world: World, isClean: boolean): Promise<void> {
    const left = isClean ? await world.close() : await world.keep();
    this.#worlds.delete(world);
    if (left.length > 0) throw new Error(`a world that was ended has left ${left.join(', ')}`);
  }

  #hasMore(): boolean {
    return this.#next < this.#options.seed + this.#options.runs && performance.now() < this.#deadline;
  }
}
