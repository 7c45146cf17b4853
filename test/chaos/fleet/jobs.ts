import type { ChaosOptions } from '../options.ts';
import { addResult } from '../results.ts';
import { findObstacle } from './network.ts';
import { FLEET_SIZE, type FleetPlan, describeFleetPlan, needsOwnClocks, planFleetRun } from './plan.ts';
import { type FleetRunResult, carryOutFleetRun } from './run.ts';
import { FleetWorld } from './world.ts';

/** A world serves this many runs, so that the time of its start and end is shared; each leaves it empty. */
const RUNS_OF_A_WORLD = 8;

const INTERRUPTED = 130;

/**
 * Runs on a fleet, one after the other: a world is a dozen processes. Undefined where no machines can be made, which is told.
 */
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
  const deadline = performance.now() + options.minutes * 60_000;
  const waiting = seeds.map(planFleetRun);
  const results: FleetRunResult[] = [];
  /** One for this kind of world, if there is any. */
  const take = (ownClocks: boolean | undefined): FleetPlan | undefined => {
    if (performance.now() > deadline) return undefined;
    const fitting = waiting.findIndex((plan) => needsOwnClocks(plan) === ownClocks);
    if (fitting < 0 && ownClocks !== undefined) return undefined;
    return waiting.splice(Math.max(fitting, 0), 1)[0];
  };
  for (let plan = take(undefined); plan; plan = take(undefined)) {
    results.push(...(await inhabit({ options, commit }, plan, take)));
  }
  return results;
}

/** Runs in one world, until something is wrong there. */
async function inhabit(
  { options, commit }: { options: ChaosOptions; commit: string },
  first: FleetPlan,
  take: (ownClocks: boolean) => FleetPlan | undefined,
): Promise<FleetRunResult[]> {
  const results: FleetRunResult[] = [];
  const ownClocks = needsOwnClocks(first);
  const world = await FleetWorld.open({ ownClocks, size: FLEET_SIZE });
  let isClean = true;
  try {
    for (let plan: FleetPlan | undefined = first; plan; plan = take(ownClocks)) {
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
