import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { droppedFindings } from '../checks/dropped.ts';
import { replayFindingsOf } from '../checks/replays.ts';
import { findings } from '../findings.ts';
import { Traffic } from '../traffic.ts';
import { FAULTS } from '../faults.ts';
import { World } from '../world.ts';
import { experimentRecordFindings, gatherExperiments } from './evidence.ts';
import { REAPER } from './jobs.ts';
import { ExperimentLife } from './life.ts';
import { Live, endWithLive } from './live.ts';
import { computeOverruns, findMadeAmiss } from './overruns.ts';
import { LATEST_MS, countOutcomes, settled } from './run.ts';
import { type Described, describeExperiment, experimentOf } from './spec.ts';
import type { StormFigures } from './storm-figures.ts';
import { deleteScheduleOf, terminateRuns } from './tampering.ts';
import { Uptime } from './uptime.ts';

interface StormExperiment extends Described {
  /** After the one before, in milliseconds. */
  gapMs: number;
  /** When it is deleted, counted from when it was applied. */
  lifeMs: number;
}

const SHOWN = 3;

/** About as many as two cores can make and destroy stacks for; where they have other things to do it takes longer. */
const AT_ONCE = 8;
const GAP_MS = { min: 200, max: 2_500 };
/** So short that one that has to wait for an engine for long is over before it gets one. */
const TTL_S = { min: 15, max: 40 };
const EVERY_MS = 10_000;
const MOST_LIFE_MS = 45_000;

const STRIKES = ['worker-killed', 'gateway-killed', 'temporal-killed', 'engine-killed'] as const;
const TAMPERING = ['run-terminated', 'run-terminated', 'schedule-deleted'] as const;

const experiment: fc.Arbitrary<StormExperiment> = fc.record({
  variants: fc.array(fc.constantFrom({ behaviour: 'good' }, { behaviour: 'slow' } as const), {
    minLength: 1,
    maxLength: 1,
  }),
  overlap: fc.constantFrom('skip', 'replace', 'buffer-one'),
  stay: fc.constantFrom('until-probed', 'until-probed', 'until-ttl'),
  ttlMs: fc.integer(TTL_S).map((seconds) => seconds * 1_000),
  everyMs: fc.constantFrom(EVERY_MS),
  gapMs: fc.integer(GAP_MS),
  lifeMs: fc.integer({ min: 5_000, max: MOST_LIFE_MS }),
});

const strike = fc.record({
  kind: fc.constantFrom(...STRIKES, ...TAMPERING),
  gapMs: fc.integer({ min: 5_000, max: 15_000 }),
  pick: fc.nat(1_000),
});

/** Many short experiments in one installation, while its parts are killed and its runs and schedules tampered with. */
export async function storm(count: number, seed: number): Promise<StormFigures> {
  const began = performance.now();
  const world = await World.open({ smallDisk: false, ownClock: false, postgres: false, router: 'embedded' }, REAPER);
  const uptime = Uptime.watch(world.root);
  const live = await Live.deploy(world);
  const traffic = new Traffic(world.outages);
  traffic.to(live.url);
  const since = new Date().toISOString();
  const keys = Array.from({ length: count }, (_, index) => experimentOf(index));

  const weather = strikeOn(world, seed, keys);
  await liveAll(world, count, seed);
  const strikes = await weather.over();
  await world.calm();

  const look = () => gatherExperiments(world, keys, live);
  const { seen, found: left } = await settled(look, live, LATEST_MS + TTL_S.max * 1_000);
  await traffic.end();
  await uptime.end();
  const overruns = computeOverruns(seen.events, seen.runs, (from, to) => uptime.downWithin(from, to));
  const overrunMs = Math.max(0, ...overruns.map(({ ms }) => ms));
  const latest = overruns.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN);
  const query = `(WorkflowType = 'experiment' OR WorkflowType = 'reaper' OR WorkflowType = 'reap') AND StartTime >= '${since}'`;
  const found = [
    ...left,
    ...experimentRecordFindings(seen),
    ...live.untouched(seen.host, seen.liveEvents),
    ...findings('wrong', findMadeAmiss(seen.events)),
    ...findings(
      'wrong',
      overrunMs > LATEST_MS ? [`a stack went ${Math.round(overrunMs / 1_000)} s after its lease`] : [],
    ),
    ...droppedFindings(world.outages),
    ...(await replayFindingsOf(world, query)),
  ];
  await leave(world, found.length === 0);
  return {
    ...{ experiments: count, runs: countOutcomes(seen), strikes, leftOver: left.length, stacks: overruns.length },
    ...{ overrunMs, latest, requests: traffic.total, minutes: (performance.now() - began) / 60_000, findings: found },
  };
}

async function liveAll(world: World, count: number, seed: number): Promise<void> {
  const waiting = [...fc.sample(experiment, { seed, numRuns: count }).entries()];
  const live = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await liveOne(world, ...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, live));
}

/** Every third runs by itself; the others are asked to. */
async function liveOne(world: World, index: number, { gapMs, lifeMs, everyMs, ...more }: StormExperiment) {
  await sleep(gapMs);
  const isScheduled = index % 3 === 0 && everyMs !== undefined;
  const spec = describeExperiment({ seed: index, ...more, ...(isScheduled ? { everyMs } : {}) });
  const life = new ExperimentLife(world, spec.experiment);
  await life.apply(spec);
  if (!isScheduled) await life.carryOut('run');
  await sleep(lifeMs);
  await life.carryOut('delete');
}

/** Strikes until it is told that everything is over. Says how often what has struck. */
function strikeOn(
  world: World,
  seed: number,
  keys: ReturnType<typeof experimentOf>[],
): { over(): Promise<Record<string, number>> } {
  const stopping = new AbortController();
  const tally: Record<string, number> = {};
  const striking = (async () => {
    for (const { kind, gapMs, pick } of fc.sample(strike, { seed, numRuns: 10_000 })) {
      await sleep(gapMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      const struck = await strikeOnce(world, kind, pick, keys);
      if (struck === 'struck') tally[kind] = (tally[kind] ?? 0) + 1;
    }
  })();
  return {
    over: async () => {
      stopping.abort();
      await striking;
      return tally;
    },
  };
}

function strikeOnce(
  world: World,
  kind: (typeof STRIKES)[number] | (typeof TAMPERING)[number],
  pick: number,
  keys: ReturnType<typeof experimentOf>[],
) {
  if (kind === 'run-terminated') return terminateRuns(world, undefined, pick);
  if (kind === 'schedule-deleted') return deleteScheduleOf(world, keys, pick);
  return FAULTS[kind](world, { kind, pick, delayMs: 0, holdMs: 0, step: 0 });
}

async function leave(world: World, isClean: boolean): Promise<void> {
  if (!isClean) {
    await world.keep();
    console.log(`logs and stores: ${world.root}`);
    return;
  }
  await endWithLive(world);
}
