import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../src/host/polling.ts';
import type { Receipt } from '../../src/domain/service/requests.ts';
import { droppedFindings } from './checks/dropped.ts';
import { type Evidence, gather } from './checks/evidence.ts';
import { existingFindings, leftoverFindings } from './checks/existing.ts';
import { type Ended, outcomeFindings } from './checks/outcomes.ts';
import { recordFindings } from './checks/record.ts';
import { replayFindings } from './checks/replays.ts';
import { type Finding, findings } from './findings.ts';
import { Life } from './life.ts';
import { Outages } from './outages.ts';
import type { Plan } from './plan.ts';
import type { RunResult } from './results.ts';
import { Strikes } from './strikes.ts';
import { Traffic } from './traffic.ts';
import { watchRoute } from './watch-route.ts';
import type { World } from './world.ts';

/** For a rollout to come to its end once nothing is broken any more. */
const END_MS = 120_000;
/**
 * For what goes on by itself after the last rollout: a stack that is on its way out. One that was quarantined after three
 * attempts on a full disk is tried again two minutes later.
 */
const SETTLE_MS = 200_000;

/** One plan from its first request to the removal of its service, and everything that is wrong after it. */
export async function carryOut(world: World, plan: Plan): Promise<Omit<RunResult, 'commit'>> {
  const began = performance.now();
  const service = { name: `s${plan.seed}`, environment: 'chaos' };
  world.outages = new Outages();
  const traffic = new Traffic(world.outages);
  const route = watchRoute(world.router, service);
  const life = new Life(world, service, plan.seed);
  const strikes = new Strikes(world);
  const found: Finding[] = [];
  try {
    if (plan.secondWorker) world.startSecondWorker();
    const ended = await live(plan, life, traffic, strikes);
    await strikes.over();
    await world.calm();
    await life.resume();
    await Promise.all(ended.map(({ end }) => end));
    found.push(...outcomeFindings(plan, ended));
    found.push(...(await settled(() => gather(world, service), [existingFindings, recordFindings])));
    await traffic.end();
    const outcome = await life.outcomeOf(await life.remove(), AbortSignal.timeout(END_MS));
    if (outcome !== 'succeeded') found.push({ kind: 'wrong', text: `the removal has ${outcome}` });
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

/** Step after step; each fault strikes at its time after the request of its step was sent. */
async function live(plan: Plan, life: Life, traffic: Traffic, strikes: Strikes): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (const [number, { wish, wait }] of plan.steps.entries()) {
    const due = plan.faults.filter(({ step }) => step === number);
    const striking = Promise.all(
      due.map(async (fault) => {
        await sleep(fault.delayMs);
        strikes.strike(fault);
      }),
    );
    const answer = await life.carryOut(wish);
    const ending: Ending = { answer, outcome: undefined, end: Promise.resolve() };
    if ('receipt' in answer) ending.end = endOf(life, ending, answer.receipt);
    endings.push(ending);
    if (wait) {
      // What is behind a paused rollout would wait for ever.
      await life.resume();
      await ending.end;
    }
    await striking;
    if (number === 0) traffic.to((await life.address()) ?? '');
  }
  return endings;
}

interface Ending extends Ended {
  end: Promise<void>;
}

async function endOf(life: Life, ending: Ending, receipt: Receipt): Promise<void> {
  try {
    ending.outcome = await life.outcomeOf(receipt, AbortSignal.timeout(END_MS + SETTLE_MS));
  } catch (error) {
    ending.error = (error as Error).message;
  }
}

/** Facts that come true by themselves get time for it; what is wrong at the end of it stays wrong. */
async function settled(look: () => Promise<Evidence>, judges: ((seen: Evidence) => Finding[])[]): Promise<Finding[]> {
  let found: Finding[] = [];
  await waitUntil(SETTLE_MS, async () => {
    const seen = await look();
    found = judges.flatMap((judge) => judge(seen));
    return found.length === 0;
  });
  return found;
}
