import type { ChaosOptions } from '../options.ts';
import { addResult } from '../results.ts';
import { findObstacle } from './network.ts';
import { FLEET_SIZE, type FleetPlan, chooseFleetVariant, describeFleetPlan, planFleetRun } from './plan.ts';
import { type FleetRunResult, carryOutFleetRun } from './run.ts';
import { FleetWorld } from './world.ts';

/** A world serves this many runs, so that the time of its start and end is shared; each leaves it empty. */
const RUNS_OF_A_WORLD = 16;

/** Of so many plans those for the same kind of world follow one another, so that few worlds are opened. */
const PLANS_AT_ONCE = 100;

const INTERRUPTED = 130;

/** Runs on fleets, several at once, each a world of its own. Undefined where no machines can be made, which is told. */
export async function runOnFleet(
  options: ChaosOptions,
  commit: string,
  seeds: readonly number[],
): Promise<FleetRunResult[] | undefined> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) {
    console.log(`skipped: ${obstacle}`);
    return undefined;
  }
  // What was started ends with this process.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(INTERRUPTED));
  const plans = new FleetPlans(seeds, options.minutes);
  const results: FleetRunResult[] = [];
  const work = async (): Promise<void> => {
    for (let plan = plans.take(); plan; plan = plans.take()) {
      results.push(...(await inhabit({ options, commit }, plan, plans)));
    }
  };
  const working = Array.from({ length: options.jobs }, work);
  try {
    await Promise.all(working);
  } catch (error) {
    // The harness itself has failed; what the others have begun is finished and counted.
    plans.forget();
    await Promise.allSettled(working);
    throw error;
  }
  return results;
}

/** What is left to be carried out, for whoever is free. */
class FleetPlans {
  readonly #deadline: number;
  #seeds: number[];
  #drawn: FleetPlan[] = [];

  constructor(seeds: readonly number[], minutes: number) {
    this.#seeds = [...seeds];
    this.#deadline = performance.now() + minutes * 60_000;
  }

  /** One for this kind of world, if there is any; any, where nobody cares. */
  take(kind?: string): FleetPlan | undefined {
    if (performance.now() > this.#deadline) return undefined;
    if (this.#drawn.length === 0) this.#drawn = this.#seeds.splice(0, PLANS_AT_ONCE).map(planFleetRun);
    const fitting = kind === undefined ? 0 : this.#drawn.findIndex((plan) => nameKind(plan) === kind);
    return fitting < 0 ? undefined : this.#drawn.splice(fitting, 1)[0];
  }

  forget(): void {
    this.#drawn = [];
    this.#seeds = [];
  }
}

/** Runs in one world, until something is wrong there. */
async function inhabit(
  { options, commit }: { options: ChaosOptions; commit: string },
  first: FleetPlan,
  plans: FleetPlans,
): Promise<FleetRunResult[]> {
  const results: FleetRunResult[] = [];
  const kind = nameKind(first);
  const world = await FleetWorld.open({ ...chooseFleetVariant(first), size: FLEET_SIZE });
  let isClean = true;
  try {
    for (let plan: FleetPlan | undefined = first; plan; plan = plans.take(kind)) {
      const result = await carryOutFleetRun(world, plan);
      results.push(result);
      addResult(options.results, { ...result, commit });
      isClean = result.findings.length === 0;
      console.log(`${isClean ? '✔' : '✘'} ${describeFleetPlan(plan)} (${result.seconds} s)`);
      for (const { kind, text } of result.findings) console.log(`    ${kind}: ${text}`);
      if (!isClean) console.log(`    logs: ${world.root}; again: npm run chaos -- --world fleet --seed ${plan.seed}`);
      if (!isClean || results.length === RUNS_OF_A_WORLD) break;
    }
  } finally {
    await world.close({ keep: !isClean });
  }
  return results;
}

function nameKind(plan: FleetPlan): string {
  return JSON.stringify(chooseFleetVariant(plan));
}
