import { droppedFindings } from './checks/dropped.ts';
import { type Evidence, gather } from './checks/evidence.ts';
import { existingFindings, leftoverFindings } from './checks/existing.ts';
import { isBadLuck, isSilent, outcomeFindings } from './checks/outcomes.ts';
import { recordFindings } from './checks/record.ts';
import { replayFindings } from './checks/replays.ts';
import { END_MS, live, settled } from './course.ts';
import { FAULTS } from './faults.ts';
import { type Finding, findings } from './findings.ts';
import { Surroundings } from './guards/surroundings.ts';
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

/** A run's service, its people and its users, and what breaks. */
interface Cast {
  plan: Plan;
  life: Life;
  traffic: Traffic;
  strikes: Strikes<FaultKind, PlannedFault>;
  surroundings: Surroundings | undefined;
}

/** One plan from its first request to the removal of its service, and everything that is wrong after it. */
export async function carryOut(world: World, plan: Plan): Promise<Omit<RunResult, 'commit'>> {
  const began = performance.now();
  const service = { name: `s${plan.seed}`, environment: 'chaos' };
  world.outages = new Outages();
  await using surroundings = await Surroundings.of(plan.guarded);
  world.receiver = surroundings?.receiver;
  const traffic = new Traffic(world.outages);
  const route = watchRoute(world.router, service);
  const life = new Life(world, service, {
    seed: plan.seed,
    describe: (release) => ({ ...specOf(release), router: world.routerSpec, ...surroundings?.describe(release) }),
  });
  surroundings?.attend(world, service, life);
  const strikes = new Strikes<FaultKind, PlannedFault>((fault) => FAULTS[fault.kind](world, fault));
  const found: Finding[] = [];
  let tally: Tally = { baselines: 0 };
  try {
    if (plan.secondWorker) world.startSecondWorker();
    tally = await liveOn(world, { plan, life, traffic, strikes, surroundings }, found);
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
    ...tally,
  };
}

/** What came of what was asked for. */
type Tally = Pick<RunResult, 'guards' | 'baselines'>;

/** What is wrong is added to `found` as it is seen. Returns what came of gates, hooks and fresh baselines. */
async function liveOn(
  world: World,
  { plan, life, traffic, strikes, surroundings }: Cast,
  found: Finding[],
): Promise<Tally> {
  const look = (): Promise<Evidence> => gather(world, life.service);
  const strike = (fault: PlannedFault): void => {
    strikes.strike(fault);
    surroundings?.faultStrikes();
  };
  const ended = await live(plan, life, { traffic, strike });
  await strikes.over();
  await world.calm();
  await life.resume();
  await Promise.all(ended.map(({ end }) => end));
  const luck = { isUnlucky: isBadLuck(plan.faults), isSilent: isSilent(plan.faults) };
  found.push(...outcomeFindings({ ...luck, decisions: surroundings?.decisions ?? [] }, ended));
  const judgeSettled = (seen: Evidence): Finding[] => surroundings?.judgeSettled(seen, life, traffic) ?? [];
  found.push(...(await settled(look, [existingFindings, recordFindings, judgeSettled])));
  await traffic.end();
  const end = await life.endOf(await life.remove(), AbortSignal.timeout(END_MS));
  if (end.outcome !== 'succeeded') found.push({ kind: 'wrong', text: `the removal has ${describeEnd(end)}` });
  let last: Evidence | undefined;
  const judgeGuards = (seen: Evidence): Finding[] => {
    last = seen;
    return surroundings?.judge(seen, life, traffic) ?? [];
  };
  found.push(...(await settled(look, [leftoverFindings, recordFindings, judgeGuards])));
  found.push(...(await replayFindings(world, life.service)));
  found.push(...(surroundings?.judgeCalls(world.clock !== undefined) ?? []));
  const guards = last && surroundings?.tally(last);
  const baselines = last?.events.filter(({ type }) => type === 'baseline.begun').length ?? 0;
  return { baselines, ...(guards ? { guards } : {}) };
}
