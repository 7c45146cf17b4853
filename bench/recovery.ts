/**
 * How soon a rollout goes on after its worker was killed with SIGKILL. Five services are rolled out without a pause, in
 * steps of about 1.5 s; at random moments a worker is killed, and started again at once. What was lost is read from the
 * rollouts' histories (see `losses`), and timed from the kill to when the server noted that a living worker had begun
 * it again. Twice: with a second worker that lives on, and with one worker only, where time counts from when the next one
 * takes work. Every rollout has to succeed, and nothing that lives may be taken for dead.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Installation } from '../test/e2e/installation.ts';
import type { WorkerProcess } from '../test/e2e/worker-process.ts';
import { Lane } from './lanes.ts';
import { type Kill, type Loss, losses } from './losses.ts';
import { type BenchResult, median, printResult } from './result.ts';
import { inSeconds, machineLoad } from './rounds.ts';
import { noteEnded, noteRunning } from './running.ts';

const TARGET_MEDIAN_MS = 5_000;
const TARGET_WORST_MS = 10_000;
const TARGET_ALONE_MS = 3_000;
/** Of each kind of loss; a kind that comes up rarely ends with the time limit. */
const WANTED = 20;
const KINDS = ['provision', 'check', 'bake', 'destroy', 'local activity'];
const LIMIT_MS = 240_000;
/** Between two kills, beside what a worker needs to start: long enough for what was lost to be begun again. */
const SHORTEST_PAUSE_MS = 6_000;
const LONGEST_PAUSE_MS = 9_000;

export async function run(): Promise<BenchResult> {
  await using installation = await Installation.start();
  noteRunning(installation);
  try {
    const together = await killing(installation, 2);
    await Promise.all(installation.workers.map((worker) => worker.end('SIGTERM')));
    const alone = await killing(installation, 1);
    return judge(together, alone);
  } finally {
    noteEnded(installation);
  }
}

interface Findings {
  kills: Kill[];
  losses: Loss[];
  rollouts: number;
  startsMs: number[];
}

async function killing(installation: Installation, count: 1 | 2): Promise<Findings> {
  const found: Findings = { kills: [], losses: [], rollouts: 0, startsMs: [] };
  const workers = Array.from({ length: count }, (_, index) => installation.startWorker(`worker-${index + 1}`));
  await Promise.all(workers.map((worker) => worker.ready));
  const over = new AbortController();
  const lanes = [
    ...['one', 'two', 'three'].map((name) => Lane.deploying(installation, `${name}-${count}`)),
    Lane.rollingBack(installation, `slow-${count}`, true),
    Lane.rollingBack(installation, `quick-${count}`, false),
  ].map((lane) => drive(lane, found, over.signal));
  const failed = new AbortController();
  const driven = Promise.all(lanes).catch((error: unknown) => {
    failed.abort();
    throw error;
  });
  // Looked at below: until then it must not count as unhandled.
  driven.catch(() => undefined);
  await strike(installation, workers, found, failed.signal);
  over.abort();
  await driven;
  return found;
}

async function drive(lane: Lane, found: Findings, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const { events } = await lane.next();
    found.rollouts += 1;
    found.losses.push(...losses(events ?? [], found.kills));
  }
}

async function strike(
  installation: Installation,
  workers: WorkerProcess[],
  found: Findings,
  failed: AbortSignal,
): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end && !isEnough(found) && !failed.aborted) {
    await sleep(SHORTEST_PAUSE_MS + Math.random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS));
    const index = Math.floor(Math.random() * workers.length);
    const kill: Kill = { at: Date.now() };
    found.kills.push(kill);
    await workers[index]?.end('SIGKILL');
    const began = Date.now();
    const next = installation.startWorker(`worker-${index + 1}`);
    workers[index] = next;
    const ready = await next.ready;
    found.startsMs.push(ready - began);
    if (workers.length === 1) kill.ready = ready;
    console.log(`kill ${found.kills.length}: started again in ${inSeconds(ready - began)} (load ${machineLoad()})`);
  }
}

function isEnough({ losses: all }: Findings): boolean {
  return KINDS.every((kind) => all.filter(({ what, kill }) => kill && what === kind).length >= WANTED);
}

function judge(together: Findings, alone: Findings): BenchResult {
  const shared = explained(together).map(({ what, ms }) => ({ what, ms }));
  // From when the worker took work; what it has begun by the time it says so took no time.
  const single = explained(alone).map(({ what, again, kill }) => ({
    what,
    ms: Math.max(0, again - (kill?.ready ?? 0)),
  }));
  describe('a second worker lives on, from the kill', shared);
  describe('one worker, from when the next is ready', single);
  const mistaken = [...together.losses, ...alone.losses].filter(({ kill }) => !kill);
  for (const { what, ms } of mistaken) console.log(`lost without a kill: ${what}, begun again after ${inSeconds(ms)}`);
  const value = median(shared.map(({ ms }) => ms));
  const worst = Math.max(...shared.map(({ ms }) => ms));
  const worstAlone = Math.max(...single.map(({ ms }) => ms));
  return {
    name: 'recovery',
    value,
    target: TARGET_MEDIAN_MS,
    ok: value <= TARGET_MEDIAN_MS && worst <= TARGET_WORST_MS && worstAlone <= TARGET_ALONE_MS && mistaken.length === 0,
    worstMs: worst,
    targetWorstMs: TARGET_WORST_MS,
    worstKind: shared.find(({ ms }) => ms === worst)?.what ?? '',
    samples: shared.length,
    aloneMedianMs: median(single.map(({ ms }) => ms)),
    aloneWorstMs: worstAlone,
    targetAloneWorstMs: TARGET_ALONE_MS,
    aloneWorstKind: single.find(({ ms }) => ms === worstAlone)?.what ?? '',
    aloneSamples: single.length,
    mistaken: mistaken.length,
    startMedianMs: median([...together.startsMs, ...alone.startsMs]),
    kills: together.kills.length + alone.kills.length,
    rollouts: together.rollouts + alone.rollouts,
    load: machineLoad(),
  };
}

function explained({ losses: all }: Findings): Loss[] {
  return all.filter(({ kill }) => kill);
}

function describe(title: string, samples: readonly { what: string; ms: number }[]): void {
  console.log(`${title}:`);
  for (const [what, each] of Map.groupBy(samples, (sample) => sample.what)) {
    const times = each.map(({ ms }) => ms);
    console.log(
      `  ${what}: ${times.length}, median ${inSeconds(median(times))}, worst ${inSeconds(Math.max(...times))}`,
    );
  }
}

if (import.meta.main) printResult(await run());
