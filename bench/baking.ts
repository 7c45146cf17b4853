/**
 * A deployment while a thousand rollouts wait ÷ one on an idle worker; and the worker's memory with all of them in hand. A third
 * of them bake in the first step of a canary, a third are under an analysis there, a third wait at a pause.
 *
 * Real are Temporal, worker, gateway, router and record, every rollout with its engine run, its route, its checks and its
 * looks over HTTP, and the deployment that is measured, a process with `local-process`. The services that wait share one server:
 * see `shared-server`. BENCH_BAKING=200 makes it fewer.
 */
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { peakMebibytes } from './memory.ts';
import { Platform, change } from './platform.ts';
import { type BenchResult, median, printResult } from './result.ts';
import { machineLoad } from './rounds.ts';
import { KEEP_NONE, Sample, versionOf } from './sample.ts';
import { WAITS, WaitingServices } from './waiting-services.ts';

const TARGET = 1.2;
const TARGET_WORKER_MEBIBYTES = 1_024;
const BAKING = Number(process.env.BENCH_BAKING ?? 1_000);
const ROUNDS = 7;
const WARM_UP_ROUNDS = 3;
/** For the last rollouts to have had several looks. */
const SETTLE_MS = 40_000;
/** What beginning a thousand rollouts leaves to be done is no part of their baking: it has to have come to its end. */
const CALM_WINDOW_MS = 10_000;
const CALM_WITHIN = 0.1;
const MOST_WINDOWS = 30;

export async function run(): Promise<BenchResult> {
  process.env.SUPPLANT_BLUEPRINTS = fileURLToPath(new URL('./shared-server/index.ts', import.meta.url));
  await using sample = await Sample.create();
  await using platform = await Platform.start();
  const worker = platform.workerPid;
  if (worker === undefined) throw new Error('no worker runs');
  const server = await listening();
  let revision = 0;
  const deployments = async (rounds: number): Promise<number[]> => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      revision += 1;
      const began = performance.now();
      await platform.done(platform.client.apply(sample.spec('web', versionOf(revision), KEEP_NONE), change()));
      times.push(performance.now() - began);
    }
    return times;
  };
  try {
    console.log('warming up');
    await deployments(WARM_UP_ROUNDS);
    const idle = await deployments(ROUNDS);
    console.log(`idle: ${shown(idle)}; the worker has had ${Math.round(peakMebibytes(worker))} MiB`);
    const waiting = new WaitingServices(platform, (server.address() as AddressInfo).port, BAKING);
    await waiting.begin();
    await sleep(SETTLE_MS);
    const bakingBusy = await becomeCalm();
    const busy = await deployments(ROUNDS);
    const waits = await waiting.countWaiting();
    const baking = Object.values(waits).reduce((sum, count) => sum + count, 0);
    console.log(`with ${WAITS.map((kind) => `${waits[kind]} at ${kind}`).join(', ')}: ${shown(busy)}`);
    const value = median(busy) / median(idle);
    const workerMebibytes = peakMebibytes(worker);
    return {
      name: 'baking',
      value,
      target: TARGET,
      ok: value <= TARGET && workerMebibytes <= TARGET_WORKER_MEBIBYTES && baking === BAKING,
      baking,
      inBakes: waits['a bake'],
      underAnalysis: waits['an analysis'],
      atPauses: waits['a pause'],
      idleMs: median(idle),
      busyMs: median(busy),
      bakingBusy,
      workerMebibytes,
      targetWorkerMebibytes: TARGET_WORKER_MEBIBYTES,
      load: machineLoad(),
    };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Waits until the machine is as busy as it was a moment ago. Returns how busy: 1 is all of its processors. */
async function becomeCalm(): Promise<number> {
  let before = Number.NaN;
  for (let window = 1; ; window += 1) {
    const busy = await shareBusy(CALM_WINDOW_MS);
    console.log(`${Math.round(busy * 100)} % of the processors are busy`);
    if (Math.abs(busy - before) <= CALM_WITHIN * before || window === MOST_WINDOWS) return busy;
    before = busy;
  }
}

async function shareBusy(ms: number): Promise<number> {
  const [idle, all] = processorTimes();
  await sleep(ms);
  const [idleAfter, allAfter] = processorTimes();
  return 1 - (idleAfter - idle) / (allAfter - all);
}

function processorTimes(): [idle: number, all: number] {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (parts: number[]): number => parts.reduce((total, part) => total + part, 0);
  return [sum(times.map(({ idle }) => idle)), sum(times.flatMap((each) => Object.values(each)))];
}

async function listening(): Promise<Server> {
  const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function shown(times: readonly number[]): string {
  return `median ${Math.round(median(times))} ms of ${times.map((time) => Math.round(time)).join(', ')}`;
}

if (import.meta.main) printResult(await run());
