/**
 * How fast the previous revision is back: from the client's call to the first request on the router's port that the
 * warm revision answers. The route changes in one write, so that from there on it answers all of them, which is checked:
 * a request that begins later and is answered by the other revision fails the bench. Health re-check and audit log,
 * synced to disk, are included; connecting the client is not, as a caller does it once.
 */
import { Platform, change } from './platform.ts';
import { Probe } from './probe.ts';
import { type BenchResult, median, percentile, printResult } from './result.ts';
import { machineLoad } from './rounds.ts';
import { KEEP_ONE, Sample, VERSIONS, type Version } from './sample.ts';

const SERVICE = { name: 'web', environment: 'bench' };
const TARGET_MS = 80;
const TARGET_P99_MS = 200;
const ROLLBACKS = 50;
const WARM_UP = 5;
/** Requests made after the switch; a single one from the other revision counts. */
const CONFIRMATIONS = 20;

interface Rollback {
  switchedMs: number;
  /** Until the client had its receipt, and until the rollout was closed. */
  answeredMs: number;
  closedMs: number;
  strays: number;
}

export async function run(): Promise<BenchResult> {
  await using sample = await Sample.create();
  await using platform = await Platform.start();
  for (const version of VERSIONS) {
    await platform.done(platform.client.apply(sample.spec('web', version, KEEP_ONE), change()));
  }
  const { route } = await platform.client.view(SERVICE);
  if (!route) throw new Error('the service has no route');
  using probe = new Probe(route.address);
  const made: Rollback[] = [];
  for (let index = 0; index < WARM_UP + ROLLBACKS; index += 1) {
    made.push(await rollBack(platform, probe, index % 2 === 0 ? 'one' : 'two'));
  }
  return judged(made.slice(WARM_UP));
}

async function rollBack(platform: Platform, probe: Probe, to: Version): Promise<Rollback> {
  const began = performance.now();
  const since = (): number => performance.now() - began;
  const asked = platform.client.rollback(SERVICE, to === 'one' ? 1 : 2, change());
  const answered = asked.then(since);
  // Looked after below; the probe must not miss the switch by waiting for the answer.
  answered.catch(() => undefined);
  const switchedMs = (await probe.untilAnsweredBy(to)) - began;
  const strays = await probe.strays(to, CONFIRMATIONS);
  await platform.done(asked);
  return { switchedMs, answeredMs: await answered, closedMs: since(), strays };
}

function judged(made: readonly Rollback[]): BenchResult {
  const switched = made.map(({ switchedMs }) => switchedMs);
  const strays = made.reduce((sum, rollback) => sum + rollback.strays, 0);
  const value = median(switched);
  const p99 = percentile(switched, 99);
  console.log(`switched after, in ms: ${switched.map((ms) => ms.toFixed(0)).join(' ')}`);
  return {
    name: 'rollback',
    value,
    target: TARGET_MS,
    ok: value <= TARGET_MS && p99 <= TARGET_P99_MS && strays === 0,
    p99,
    targetP99: TARGET_P99_MS,
    strays,
    answeredMs: median(made.map(({ answeredMs }) => answeredMs)),
    closedMs: median(made.map(({ closedMs }) => closedMs)),
    load: machineLoad(),
  };
}

if (import.meta.main) printResult(await run());
