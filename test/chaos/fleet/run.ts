import { setTimeout as sleep } from 'node:timers/promises';
import { droppedFindings } from '../checks/dropped.ts';
import type { Evidence } from '../checks/evidence.ts';
import { existingFindings, leftoverFindings } from '../checks/existing.ts';
import { outcomeFindings } from '../checks/outcomes.ts';
import { recordFindings } from '../checks/record.ts';
import { replayFindingsAt } from '../checks/replays.ts';
import { type Ending, END_MS, live, settled } from '../course.ts';
import { type Finding, findings } from '../findings.ts';
import { describeEnd } from '../insist.ts';
import { Life } from '../life.ts';
import { Outages } from '../outages.ts';
import type { RunResult } from '../results.ts';
import { Strikes } from '../strikes.ts';
import { Traffic } from '../traffic.ts';
import { watchRoute } from '../watch-route.ts';
import { describeBoundService, hasLostLive, mayLoseMachine, withoutGivenUp } from './bound.ts';
import { gatherFleet } from './evidence.ts';
import { FLEET_FAULTS } from './faults.ts';
import { Operator } from './operator.ts';
import { FLEET_SIZE, type FleetFaultKind, type FleetPlan, type FleetService, type PlannedFleetFault } from './plan.ts';
import { describeFleetService } from './program.ts';
import type { FleetWorld } from './world.ts';

export type FleetRunResult = Pick<RunResult, 'seed' | 'findings' | 'rollouts' | 'requests' | 'excused' | 'seconds'> & {
  struck: FleetFaultKind[];
  missed: FleetFaultKind[];
  /** Stacks that went with their machine. */
  givenUp?: number;
};

/** A service, its people and its users. */
interface Inhabitant {
  plan: FleetService;
  life: Life;
  traffic: Traffic;
  /** Those that excuse its users' failures. */
  outages: Outages;
  route: ReturnType<typeof watchRoute>;
}

type FleetStrikes = Strikes<FleetFaultKind, PlannedFleetFault>;

/** What all parts of a run have to do with. */
interface Stage {
  world: FleetWorld;
  plan: FleetPlan;
  inhabitants: readonly Inhabitant[];
  strikes: FleetStrikes;
  operator: Operator;
}

/** One plan from its first request to the removal of its services, and everything that is wrong after it. */
export async function carryOutFleetRun(world: FleetWorld, plan: FleetPlan): Promise<FleetRunResult> {
  const began = performance.now();
  world.outages = new Outages();
  const inhabitants = plan.services.map((service, index) => inhabit(world, plan.seed, service, index));
  const strikes: FleetStrikes = new Strikes((fault) => FLEET_FAULTS[fault.kind](world, fault));
  const bound = inhabitants.filter(({ plan: { isBound } }) => isBound).map(({ life }) => life.service);
  const operator = new Operator(world, bound);
  const stage: Stage = { world, plan, inhabitants, strikes, operator };
  const found: Finding[] = [];
  try {
    found.push(...(await liveAll(stage)));
    found.push(...(await removeAll(stage)));
    for (const { life } of inhabitants) {
      found.push(...(await replayFindingsAt(world.temporal, life.service)));
    }
  } catch (error) {
    found.push({ kind: 'stuck', text: `the run could not go on: ${(error as Error).stack ?? String(error)}` });
  } finally {
    await Promise.all(inhabitants.map(({ traffic }) => traffic.end()));
    for (const { route } of inhabitants) found.push(...findings('wrong', await route.end()));
    await strikes.over().catch(() => undefined);
    await operator.end().catch((error: unknown) => found.push({ kind: 'wrong', text: `forgetting: ${String(error)}` }));
  }
  found.push(...operator.findings, ...droppedFindings(world.outages));
  for (const { outages } of inhabitants) {
    // Users of what runs on one machine are cut off with that, and by a router that is killed.
    const isExcused = mayLoseMachine(plan.faults) || world.outages.all.length > 0;
    if (outages !== world.outages && !isExcused) found.push(...droppedFindings(outages));
  }
  const count = (of: (each: Inhabitant) => number): number => inhabitants.reduce((sum, each) => sum + of(each), 0);
  return {
    seed: plan.seed,
    findings: found,
    ...strikes.tally,
    rollouts: count(({ life }) => life.answers.filter((answer) => 'receipt' in answer).length + 1),
    requests: count(({ traffic }) => traffic.total),
    excused: world.outages.excused,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    ...(operator.givenUp.size > 0 ? { givenUp: operator.givenUp.size } : {}),
  };
}

function inhabit(world: FleetWorld, seed: number, plan: FleetService, index: number): Inhabitant {
  const service = { name: `s${seed}${'ab'.charAt(index)}`, environment: 'chaos' };
  const describe = plan.isBound ? describeBoundService : describeFleetService;
  const outages = plan.isBound ? new Outages() : world.outages;
  return {
    plan,
    life: new Life(world, service, { seed, describe: (release) => describe(release, plan.warm) }),
    traffic: new Traffic(outages),
    outages,
    route: watchRoute(world.router, service),
  };
}

/** Until every rollout has ended, whatever is left of the machines; only then others are brought in. */
async function liveAll({ world, plan: { faults }, inhabitants, strikes, operator }: Stage): Promise<Finding[]> {
  const found: Finding[] = [];
  const lives = inhabitants.map(async ({ plan: { steps }, life, traffic }, index): Promise<Ending[]> => {
    const due = index === 0 ? faults : [];
    return live({ steps, faults: due }, life, { traffic, strike: (fault) => strikes.strike(fault) });
  });
  for (const [index, endings] of (await Promise.all(lives)).entries()) {
    await Promise.all(endings.map(({ end }) => end));
    // What was being made on a machine that is lost cannot be completed anywhere.
    const isUnlucky = inhabitants[index]?.plan.isBound === true && mayLoseMachine(faults);
    found.push(...outcomeFindings({ isUnlucky, isSilent: false }, endings));
  }
  await strikes.over();
  await world.calm(FLEET_SIZE);
  await operator.settled();
  for (const { life } of inhabitants) {
    found.push(...(await replaceLost(world, life, operator)));
    const judges = [(seen: Evidence) => existingFindings(withoutGivenUp(seen, operator.givenUp)), recordFindings];
    found.push(...(await settled(async () => gatherFleet(world, life.service), judges)));
  }
  return found;
}

/** A service whose processes went with their machine is deployed anew. */
async function replaceLost(world: FleetWorld, life: Life, { givenUp }: Operator): Promise<Finding[]> {
  if (givenUp.size === 0 || !hasLostLive(await gatherFleet(world, life.service), givenUp)) return [];
  const answer = await life.carryOut({ do: 'deploy', behaviour: 'good' });
  if (!('receipt' in answer)) return [{ kind: 'stuck', text: 'a service whose machine was lost is not deployed anew' }];
  const end = await life.endOf(answer.receipt, AbortSignal.timeout(END_MS));
  if (end.outcome === 'succeeded') return [];
  return [{ kind: 'wrong', text: `the deployment after the loss of a machine has ${describeEnd(end)}` }];
}

async function removeAll({ world, plan: { faults }, inhabitants, strikes, operator }: Stage): Promise<Finding[]> {
  const found: Finding[] = [];
  await Promise.all(inhabitants.map(({ traffic }) => traffic.end()));
  const striking = faults
    .filter(({ step }) => step === inhabitants[0]?.plan.steps.length)
    .map(async (fault) => {
      await sleep(fault.delayMs);
      strikes.strike(fault);
    });
  await Promise.all(
    inhabitants.map(async ({ life }) => {
      const end = await life.endOf(await life.remove(), AbortSignal.timeout(2 * END_MS));
      if (end.outcome !== 'succeeded') found.push({ kind: 'wrong', text: `the removal has ${describeEnd(end)}` });
    }),
  );
  await Promise.all(striking);
  await strikes.over();
  await world.calm(FLEET_SIZE);
  await operator.settled();
  for (const { life } of inhabitants) {
    const judges = [leftoverFindings, recordFindings];
    found.push(...(await settled(async () => gatherFleet(world, life.service), judges)));
  }
  return found;
}
