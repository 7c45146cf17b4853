import { droppedFindings } from './checks/dropped.ts';
import { gather } from './checks/evidence.ts';
import { existingFindings, leftoverFindings } from './checks/existing.ts';
import { isBadLuck, isSilent, outcomeFindings } from './checks/outcomes.ts';
import { recordFindings } from './checks/record.ts';
import { replayFindings } from './checks/replays.ts';
import { END_MS, live, settled } from './course.ts';
import { FAULTS } from './faults.ts';
import { type Finding, findings } from './findings.ts';
import { describeEnd } from './insist.ts';
import { Life } from './life.ts';
import { Outages } from './outages.ts';
import type { FaultKind, Plan, PlannedFault } from './plan.ts';
import { specOf } from './program.ts';
import type { RunResult } from './results.ts';
import { Strikes } from './strikes.ts';
import { Traffic } from './traffic.ts';
import { watchRoute } from './watch-route.ts';
import type { World } from './world.ts';

/** One plan from its first request to the removal of its service, and everything that is wrong after it. */
export async function carryOut(world: World, plan: Plan): Promise<Omit<RunResult, 'commit'>> {
  const began = performance.now();
  const service = { name: `s${plan.seed}`, environment: 'chaos' };
  world.outages = new Outages();
  const traffic = new Traffic(world.outages);
  const route = watchRoute(world.router, service);
  const life = new Life(world, service, {
    seed: plan.seed,
    describe: (release) => ({ ...specOf(release), router: world.routerSpec }),
  });
  const strikes = new Strikes<FaultKind, PlannedFault>((fault) => FAULTS[fault.kind](world, fault));
  const found: Finding[] = [];
  try {
    if (plan.secondWorker) world.startSecondWorker();
    const ended = await live(plan, life, { traffic, strike: (fault) => strikes.strike(fault) });
    await strikes.over();
    await world.calm();
    await life.resume();
    await Promise.all(ended.map(({ end }) => end));
    found.push(...outcomeFindings({ isUnlucky: isBadLuck(plan.faults), isSilent: isSilent(plan.faults) }, ended));
    found.push(...(await settled(() => gather(world, service), [existingFindings, recordFindings])));
    await traffic.end();
    const end = await life.endOf(await life.remove(), AbortSignal.timeout(END_MS));
    if (end.outcome !== 'succeeded') found.push({ kind: 'wrong', text: `the removal has ${describeEnd(end)}` });
    found.push(...(await settled(() => gather(world, service), [leftoverFindings, recordFindings])));
    found.push(...(await replayFindings(world, service)));
  } catch (error) {
    found.push({ kind: 'stuck', text: `the run could not go on: ${(error as Error).stack ?? String(error)}` });
  } finally {
    await traffic.end();
    found.push(...findings('wrong', await route.end()));
    await strikes.over().catch(() => undefined);
    await world.stopSecondWorker();
  }
  found.push(...droppedFindings(world.outages));
  return {
    seed: plan.seed,
    findings: found,
    ...strikes.tally,
    provider: plan.steps.flatMap(({ wish }) => (wish.do === 'deploy' && wish.provider ? [wish.provider] : [])),
    rollouts: life.answers.filter((answer) => 'receipt' in answer).length + 1,
    requests: traffic.total,
    excused: world.outages.excused,
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}
