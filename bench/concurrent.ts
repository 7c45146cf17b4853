/**
 * Rollouts of eight services at once ÷ eight bare scripts at once; see `overhead` for what both do. The scripts share
 * one process, which is the cheapest way to run them. Memory is the worker's peak since it started, and the largest sum
 * of all its descendants': engines, and the services' processes as long as the worker that started them lives.
 */
import { Bare } from './bare.ts';
import type { BareKind } from './bare-process.ts';
import { DescendantMemory, peakMebibytes } from './memory.ts';
import { Platform, change } from './platform.ts';
import { type BenchResult, median, printResult } from './result.ts';
import { describeTimes, machineLoad, takeTurns } from './rounds.ts';
import { KEEP_NONE, Sample, versionOf } from './sample.ts';

const TARGET = 1.15;
const TARGET_WORKER_MEBIBYTES = 500;
const SERVICES = 8;
const ROUNDS = 3;
/** The first revision has nothing to destroy; the second warms up what does. */
const WARM_UP_ROUNDS = 2;

export async function run(): Promise<BenchResult> {
  await using sample = await Sample.create();
  await using platform = await Platform.start();
  await using bare = await Bare.start(platform.info.routerSocket);
  const worker = platform.workerPid;
  if (worker === undefined) throw new Error('no worker runs');
  using memory = new DescendantMemory(worker);
  const spec = (kind: string, index: number, revision: number) =>
    sample.spec(`${kind}-${index}`, versionOf(revision), KEEP_NONE);
  const scripts = (kind: BareKind) => (revision: number) =>
    allAtOnce((index) => bare.replace(kind, spec(kind, index, revision), revision));
  const contenders = {
    rollouts: (revision: number) =>
      allAtOnce(async (index) => {
        await platform.done(platform.client.apply(spec('web', index, revision), change()));
      }),
    scripts: scripts('script'),
    driver: scripts('driver'),
  };
  console.log('warming up');
  await takeTurns(contenders, { rounds: WARM_UP_ROUNDS });
  console.log('measuring');
  const times = await takeTurns(contenders, { rounds: ROUNDS, first: WARM_UP_ROUNDS + 1 });
  for (const [name, each] of Object.entries(times)) console.log(describeTimes(name, each));
  const value = median(times.rollouts) / median(times.scripts);
  const workerMebibytes = peakMebibytes(worker);
  return {
    name: 'concurrent',
    value,
    target: TARGET,
    ok: value <= TARGET && workerMebibytes <= TARGET_WORKER_MEBIBYTES,
    rolloutsMs: median(times.rollouts),
    scriptsMs: median(times.scripts),
    driverRatio: median(times.rollouts) / median(times.driver),
    workerMebibytes,
    targetWorkerMebibytes: TARGET_WORKER_MEBIBYTES,
    childrenMebibytes: memory.peakMebibytes,
    children: memory.processes,
    load: machineLoad(),
  };
}

async function allAtOnce(one: (index: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: SERVICES }, (_, index) => one(index + 1)));
}

if (import.meta.main) printResult(await run());
