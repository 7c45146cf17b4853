import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../../src/host/polling.ts';
import type { ExperimentKey } from '../../../src/domain/experiment/experiment.ts';
import { experimentIds } from '../../../src/domain/experiment/run.ts';
import { droppedFindings } from '../checks/dropped.ts';
import { replayFindingsOf } from '../checks/replays.ts';
import { type Finding, findings } from '../findings.ts';
import { Outages } from '../outages.ts';
import type { RunResult } from '../results.ts';
import { Traffic } from '../traffic.ts';
import type { World } from '../world.ts';
import {
  type ExperimentEvidence,
  experimentLeftovers,
  experimentRecordFindings,
  gatherExperiments,
} from './evidence.ts';
import { strikeExperiment } from './faults.ts';
import { ExperimentLife } from './life.ts';
import type { Live } from './live.ts';
import { computeOverruns, findMadeAmiss, isAllTold } from './overruns.ts';
import { type ExperimentFaultKind, type ExperimentPlan, needsClock } from './plan.ts';
import { describeExperiment } from './spec.ts';
import { Uptime } from './uptime.ts';

/** How late a stack may go, in milliseconds. */
export const LATEST_MS = 60_000;

/** What the provider itself costs that fails to delete: as long as it is not asked again. */
const PROVIDER_PAUSES_MS: Record<string, number> = { 'destroy-fails': 90_000, 'destroy-fails-half-way': 30_000 };

export type ExperimentRunResult = Pick<RunResult, 'seed' | 'findings' | 'requests' | 'excused' | 'seconds'> & {
  struck: ExperimentFaultKind[];
  missed: ExperimentFaultKind[];
  /** How the runs of the experiment ended; how often each. */
  outcomes: Record<string, number>;
  /** That were begun to be made. */
  stacks: number;
  /** How late the last of them went, in milliseconds; absent where the clock jumped. */
  overrunMs?: number;
};

/** One plan from its experiment's description to when nothing is left of it, and everything that is wrong then. */
export async function carryOutExperiment(world: World, live: Live, plan: ExperimentPlan): Promise<ExperimentRunResult> {
  const began = performance.now();
  world.outages = new Outages();
  const traffic = new Traffic(world.outages);
  const uptime = Uptime.watch(world.root);
  const tally: Pick<ExperimentRunResult, 'struck' | 'missed'> = { struck: [], missed: [] };
  const result: ExperimentRunResult = {
    ...{ seed: plan.seed, findings: [], requests: 0, excused: 0, seconds: 0, ...tally, outcomes: {}, stacks: 0 },
  };
  traffic.to(live.url);
  try {
    await goThrough({ world, live, plan, uptime }, result);
  } catch (error) {
    const text = `the run could not go on: ${(error as Error).stack ?? String(error)}`;
    result.findings.push({ kind: 'stuck', text });
  } finally {
    await traffic.end();
    await uptime.end();
  }
  result.findings.push(...droppedFindings(world.outages));
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { ...result, requests: traffic.total, excused: world.outages.excused, seconds };
}

interface Stage {
  world: World;
  live: Live;
  plan: ExperimentPlan;
  uptime: Uptime;
}

async function goThrough(stage: Stage, result: ExperimentRunResult): Promise<void> {
  const { world, live, plan } = stage;
  const spec = describeExperiment(plan);
  const { experiment: key } = spec;
  const since = new Date().toISOString();
  const life = new ExperimentLife(world, key);
  await life.apply(spec);
  await Promise.all([life.live(plan.deeds), strikeAll(stage, key, result), sleep(plan.lifeMs)]);
  await world.calm();
  await life.carryOut('delete');

  const limitMs = LATEST_MS + allowance(plan) + plan.ttlMs;
  const { seen, found } = await settled(() => gatherExperiments(world, [key], live), live, limitMs);
  result.findings.push(...found);
  judge(stage, seen, result);
  const looks = `(WorkflowType = 'reaper' OR WorkflowType = 'reap') AND StartTime >= '${since}'`;
  const runs = `WorkflowId STARTS_WITH "${experimentIds.requested(key, '').replace(/by-$/, '')}"`;
  result.findings.push(...(await replayFindingsOf(world, `${runs} OR (${looks})`)));
}

async function strikeAll({ world, plan, uptime }: Stage, key: ExperimentKey, tally: ExperimentRunResult) {
  await Promise.all(
    plan.faults.map(async (fault) => {
      await sleep(fault.delayMs);
      tally[await strikeExperiment({ world, key, uptime }, fault)].push(fault.kind);
    }),
  );
}

/** How long the provider's own doing may keep a stack, in milliseconds. */
function allowance({ variants }: ExperimentPlan): number {
  return Math.max(0, ...variants.map(({ provider }) => PROVIDER_PAUSES_MS[provider ?? ''] ?? 0));
}

/** Facts that come true by themselves get time for it; what is left at the end of it stays. */
export async function settled(
  look: () => Promise<ExperimentEvidence>,
  live: Live,
  limitMs: number,
): Promise<{ seen: ExperimentEvidence; found: Finding[] }> {
  let seen = await look();
  let found = experimentLeftovers(seen, live);
  // Who has seen to it that a stack is gone says so a moment later.
  const isOver = (): boolean => found.length === 0 && isAllTold(seen.events);
  await waitUntil(limitMs, async () => {
    if (isOver()) return true;
    await sleep(LOOK_PAUSE_MS);
    seen = await look();
    found = experimentLeftovers(seen, live);
    return isOver();
  });
  return { seen, found };
}

const LOOK_PAUSE_MS = 500;

/** What was not as it is to be on the way. */
function judge({ live, plan, uptime }: Stage, seen: ExperimentEvidence, result: ExperimentRunResult): void {
  const { events, runs, host, liveEvents } = seen;
  result.findings.push(...experimentRecordFindings(seen), ...live.untouched(host, liveEvents));
  result.findings.push(...findings('wrong', findMadeAmiss(events)));
  result.outcomes = countOutcomes(seen);
  const overruns = computeOverruns(events, runs, (from, to) => uptime.downWithin(from, to));
  result.stacks = overruns.length;
  // Times on record are the clock's, which was wrong.
  if (needsClock(plan)) return;
  const late = overruns.filter(({ ms }) => ms > LATEST_MS + allowance(plan));
  const seconds = (ms: number): number => Math.round(ms / 1_000);
  const texts = late.map(({ stack, ms }) => `${stack} went ${seconds(ms)} s after its lease`);
  result.findings.push(...findings('wrong', texts));
  result.overrunMs = Math.max(0, ...overruns.map(({ ms }) => ms));
}

export function countOutcomes({ runs }: Pick<ExperimentEvidence, 'runs'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome = 'none' } of runs) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
