/**
 * What a run of an experiment costs on top of the work itself: from the client's call to the run's end (leased, recorded,
 * provisioned, checked, probed by a check, destroyed, released) ÷ the same stack made, checked and destroyed by the bare
 * script, as the bench `overhead` has it. `driverRatio` compares with Supplant's stack driver alone.
 *
 * `events` is what a run of two variants and two probes, a check and a load, leaves in Temporal's history.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { ExperimentKey, ExperimentSpec } from '../src/domain/experiment/experiment.ts';
import { LOAD_DEFAULTS, type ProbeSpec } from '../src/domain/experiment/probe.ts';
import { type RunStatus, experimentIds, formatRunName } from '../src/domain/experiment/run.ts';
import { Bare } from './bare.ts';
import { printEvents, size } from './history.ts';
import { Platform, change } from './platform.ts';
import { type BenchResult, median, printResult } from './result.ts';
import { describeTimes, machineLoad, takeTurns } from './rounds.ts';
import { KEEP_NONE, Sample } from './sample.ts';

const TARGET = 1.1;
const TARGET_EVENTS = 80;
const ROUNDS = 7;
const WARM_UP_ROUNDS = 1;
const TTL_MS = 600_000;
const LOAD_MS = 1_000;

export async function run(): Promise<BenchResult> {
  await using sample = await Sample.create();
  await using platform = await Platform.start();
  await using bare = await Bare.start(platform.info.routerSocket);
  const connection = await Connection.connect({ address: platform.info.temporalAddress });
  try {
    const temporal = new Client({ connection, namespace: platform.info.namespace });
    const service = sample.spec('bare', 'one', KEEP_NONE);
    const single = describeExperiment(sample, 'single', ['blue']);
    await platform.client.experiments.apply(single, change());
    const contenders = {
      run: () => carryOut(platform, temporal, single.experiment).then(() => undefined),
      script: (round: number) => bare.visit('script', service, round),
      driver: (round: number) => bare.visit('driver', service, round),
    };
    console.log('warming up');
    await takeTurns(contenders, { rounds: WARM_UP_ROUNDS });
    console.log('measuring');
    const times = await takeTurns(contenders, { rounds: ROUNDS, first: WARM_UP_ROUNDS + 1 });
    for (const [name, each] of Object.entries(times)) console.log(describeTimes(name, each));
    const events = await countEvents(platform, temporal, sample);
    const value = median(times.run) / median(times.script);
    return {
      name: 'experiment',
      value,
      target: TARGET,
      ok: value <= TARGET && events <= TARGET_EVENTS,
      runMs: median(times.run),
      scriptMs: median(times.script),
      driverRatio: median(times.run) / median(times.driver),
      events,
      targetEvents: TARGET_EVENTS,
      load: machineLoad(),
    };
  } finally {
    await connection.close();
  }
}

/** The history of a run of two variants and two probes. */
async function countEvents(platform: Platform, temporal: Client, sample: Sample): Promise<number> {
  const pair = describeExperiment(sample, 'pair', ['blue', 'green']);
  await platform.client.experiments.apply(pair, change());
  const workflowId = await carryOut(platform, temporal, pair.experiment);
  await printEvents(temporal, workflowId);
  return (await size(temporal, workflowId)).events;
}

/**
 * A run from its request to its end, which Temporal tells at once. Returns the id of its workflow.
 *
 * @throws Error when it did not succeed
 */
async function carryOut({ client }: Platform, temporal: Client, key: ExperimentKey): Promise<string> {
  const requestId = randomUUID();
  await client.experiments.run(key, { actor: 'bench', requestId });
  const workflowId = experimentIds.requested(key, requestId);
  const { status } = (await temporal.workflow.getHandle(workflowId).result()) as { status: RunStatus };
  if (status.outcome === 'succeeded') return workflowId;
  throw new Error(`${formatRunName(status)} has ${String(status.outcome)}: ${String(status.because)}`);
}

/** As small as it can be with one variant; with two there is a load as well, and a comparison. */
function describeExperiment(sample: Sample, name: string, variants: string[]): ExperimentSpec {
  const { artifact, blueprint, checks } = sample.spec(name, 'one', KEEP_NONE);
  const answers = checks.map((check): ProbeSpec => ({ kind: 'check', name: check.name, check }));
  const isPair = variants.length > 1;
  const load: ProbeSpec = {
    ...{ ...LOAD_DEFAULTS, kind: 'load', name: 'load', rate: 20, forMs: LOAD_MS, warmUpMs: 0, status: [200] },
  };
  return {
    experiment: { name, environment: 'bench' },
    variants: variants.map((variant) => ({
      name: variant,
      source: { kind: 'release', artifact, blueprint },
      checks,
    })),
    probes: isPair ? [...answers, load] : answers,
    ...(isPair ? { compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 } } : {}),
    ...{ ttlMs: TTL_MS, stay: 'until-probed', overlap: 'skip', budget: {}, keepMs: TTL_MS },
  };
}

if (import.meta.main) printResult(await run());
