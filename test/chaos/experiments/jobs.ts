import type { ChaosOptions } from '../options.ts';
import { addResult } from '../results.ts';
import { World } from '../world.ts';
import { Live, endWithLive } from './live.ts';
import { describeExperimentPlan, needsClock, planExperiment } from './plan.ts';
import { type ExperimentRunResult, carryOutExperiment } from './run.ts';

/** A world serves this many runs, so that the time of its start and end is shared; each leaves it as it was. */
const RUNS_OF_A_WORLD = 8;

/** What nobody knows is to go within a minute, too. */
export const REAPER = { SUPPLANT_REAPER_GRACE: '5s' };

/** Runs of experiments, several at once, each in a world of its own. */
export async function runExperiments(
  options: ChaosOptions,
  commit: string,
  seeds: readonly number[],
): Promise<ExperimentRunResult[]> {
  const deadline = performance.now() + options.minutes * 60_000;
  const waiting = seeds.map(planExperiment);
  const results: ExperimentRunResult[] = [];
  /** One for this kind of world, if there is any; any, where nobody cares. */
  const take = (ownClock?: boolean) => {
    if (performance.now() > deadline) return undefined;
    const index = ownClock === undefined ? 0 : waiting.findIndex((plan) => needsClock(plan) === ownClock);
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  };
  const work = async (): Promise<void> => {
    for (let first = take(); first; first = take()) {
      const ownClock = needsClock(first);
      const inhabited = await Inhabited.open(ownClock);
      for (let plan: typeof first | undefined = first; plan;) {
        const result = await inhabited.run(plan);
        results.push(result);
        addResult(options.results, { ...result, commit });
        plan = inhabited.isFull ? undefined : take(ownClock);
      }
      await inhabited.leave();
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return results;
}

/** A world with a live service. */
class Inhabited {
  readonly #world: World;
  readonly #live: Live;
  #runs = 0;
  #last: ExperimentRunResult | undefined;

  private constructor(world: World, live: Live) {
    this.#world = world;
    this.#live = live;
  }

  static async open(ownClock: boolean): Promise<Inhabited> {
    const world = await World.open({ smallDisk: false, ownClock, postgres: false, router: 'embedded' }, REAPER);
    return new Inhabited(world, await Live.deploy(world));
  }

  /** Where something was wrong nothing else is tried. */
  get isFull(): boolean {
    return this.#runs >= RUNS_OF_A_WORLD || (this.#last?.findings.length ?? 0) > 0;
  }

  async run(plan: ReturnType<typeof planExperiment>): Promise<ExperimentRunResult> {
    const result = await carryOutExperiment(this.#world, this.#live, plan);
    this.#runs += 1;
    this.#last = result;
    const isClean = result.findings.length === 0;
    const overrun = result.overrunMs === undefined ? '' : `, ${(result.overrunMs / 1_000).toFixed(1)} s late at most`;
    console.log(`${isClean ? '✔' : '✘'} ${describeExperimentPlan(plan)} (${result.seconds} s${overrun})`);
    for (const { kind, text } of result.findings) console.log(`    ${kind}: ${text}`);
    const again = `npm run chaos -- --world experiments --seed ${plan.seed}`;
    if (!isClean) console.log(`    logs and stores: ${this.#world.root}; again: ${again}`);
    return result;
  }

  async leave(): Promise<void> {
    const isClean = this.#last?.findings.length === 0;
    const left = isClean ? await endWithLive(this.#world) : await this.#world.keep();
    if (left.length > 0) console.log(`a world that was ended has left ${left.join(', ')}`);
  }
}
