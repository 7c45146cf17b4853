import type { ChaosOptions } from './options.ts';
import { type Plan, described, planOf, variantOf } from './plan.ts';
import { type RunResult, addResult, endOfWorld } from './results.ts';
import { carryOut } from './run.ts';
import { World } from './world.ts';

/** A world serves this many runs, so that the few seconds of its start and end are shared; each leaves it empty. */
const RUNS_OF_A_WORLD = 8;

/** Of so many plans those for the same kind of world follow one another, so that few worlds are opened. */
const PLANS_AT_ONCE = 100;

interface Inhabited {
  world: World;
  /** What kind of world it is. */
  kind: string;
  /** How many it has served. */
  runs: number;
  last: RunResult;
}

/** Several runs at once, each in a world of its own. */
export class Jobs {
  readonly #options: ChaosOptions;
  readonly #commit: string;
  readonly #worlds = new Set<World>();
  readonly #results: RunResult[] = [];
  readonly #deadline: number;
  #seeds: number[];
  #plans: Plan[] = [];

  constructor(options: ChaosOptions, commit: string, seeds: readonly number[]) {
    this.#options = options;
    this.#commit = commit;
    this.#seeds = [...seeds];
    this.#deadline = performance.now() + options.minutes * 60_000;
  }

  async run(): Promise<RunResult[]> {
    const working = Array.from({ length: this.#options.jobs }, () => this.#work());
    try {
      await Promise.all(working);
    } catch (error) {
      // The harness itself has failed; what the others have begun is finished and counted.
      this.#stop();
      await Promise.allSettled(working);
      await this.end();
      throw error;
    }
    return this.#results;
  }

  /** Ends every world at once. */
  async end(): Promise<void> {
    this.#stop();
    await Promise.allSettled([...this.#worlds].map((world) => world.cease()));
  }

  async #work(): Promise<void> {
    let inhabited: Inhabited | undefined;
    for (let plan = this.#take(undefined); plan; plan = this.#take(inhabited?.kind)) {
      const kind = kindOf(plan);
      if (inhabited && inhabited.kind !== kind) {
        await this.#leave(inhabited);
        inhabited = undefined;
      }
      const world: World = inhabited?.world ?? (await World.open(variantOf(plan)));
      this.#worlds.add(world);
      const last = await this.#runIn(world, plan);
      inhabited = { world, kind, runs: (inhabited?.runs ?? 0) + 1, last };
      if (isClean(last) && inhabited.runs < RUNS_OF_A_WORLD) continue;
      await this.#leave(inhabited);
      inhabited = undefined;
    }
    if (inhabited) await this.#leave(inhabited);
  }

  /** One for this kind of world, if there is any. */
  #take(kind: string | undefined): Plan | undefined {
    if (performance.now() > this.#deadline) return undefined;
    if (this.#plans.length === 0) this.#plans = this.#seeds.splice(0, PLANS_AT_ONCE).map(planOf);
    const fitting = this.#plans.findIndex((plan) => kindOf(plan) === kind);
    return this.#plans.splice(Math.max(fitting, 0), 1)[0];
  }

  #stop(): void {
    this.#plans = [];
    this.#seeds = [];
  }

  async #runIn(world: World, plan: Plan): Promise<RunResult> {
    const result = { ...(await carryOut(world, plan)), commit: this.#commit };
    this.#add(result);
    console.log(`${isClean(result) ? '✔' : '✘'} ${described(plan)} (${result.seconds} s)`);
    tell(result, world);
    return result;
  }

  async #leave({ world, last }: Inhabited): Promise<void> {
    const left = isClean(last) ? await world.close() : await world.keep();
    this.#worlds.delete(world);
    if (left.length === 0) return;
    const end = endOfWorld(last, `a world that was ended has left ${left.join(', ')}`);
    this.#add(end);
    console.log(`✘ the end of the world of seed ${last.seed}`);
    tell(end, world);
  }

  #add(result: RunResult): void {
    this.#results.push(result);
    addResult(this.#options.results, result);
  }
}

function kindOf(plan: Plan): string {
  return JSON.stringify(variantOf(plan));
}

function isClean({ findings }: RunResult): boolean {
  return findings.length === 0;
}

function tell({ seed, findings }: RunResult, world: World): void {
  if (findings.length === 0) return;
  for (const { kind, text } of findings) console.log(`    ${kind}: ${text}`);
  console.log(`    logs and stores: ${world.root}; again: npm run chaos -- --seed ${seed}`);
}
