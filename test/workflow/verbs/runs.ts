import { setTimeout as sleep } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { formatServiceId } from '../../../src/domain/service/service.ts';
import { RecordingActivities } from '../../doubles/recording-activities.ts';
import { historyText } from '../../replay/histories.ts';
import { Bench } from '../bench.ts';
import { Lane } from '../lane.ts';
import { findDivergences } from '../replays.ts';
import { Tally } from './cells.ts';
import { Conductor } from './conductor.ts';
import { type Sequence, sequence } from './sequence.ts';

export interface RunsOptions {
  seed: number;
  /** How many sequences. */
  runs: number;
  /** How many services at once. */
  services: number;
  /** One sequence alone, by its number. */
  only?: number;
  /** When no further one is begun, in milliseconds since the epoch. */
  until?: number;
  /** A folder for the histories of services of which a sequence failed. */
  keep?: string;
  /** Told now and then. */
  onProgress?: (summary: RunsSummary) => void;
}

export interface RunsSummary {
  done: number;
  /** `seed 7, sequence 12: why`. */
  failures: string[];
  /** Sequences in which somebody got no answer, so that not all of it could be judged. */
  unsure: number;
  restarts: number;
  replayed: number;
  tally: Tally;
}

/** A service lives for so many sequences, so that they begin with all that a service may have. */
const SEQUENCES_OF_A_SERVICE = 8;
const RESTART_EVERY_MS = 20_000;
/** With none at all the SDK's core loses workflow tasks, and says of itself that this is a fault. */
const MOST_CACHED = 2;
const MOST_FAILURES = 10;
const REPLAYED_ONE_OF = 3;

/** Carries out random sequences on services beside each other: of three workers one keeps nothing in memory, one is restarted again and again. */
export async function runSequences(env: TestWorkflowEnvironment, options: RunsOptions): Promise<RunsSummary> {
  const { seed, runs, services, only, until = Infinity } = options;
  const all = fc.sample(sequence, { seed, numRuns: only === undefined ? runs : only + 1 });
  const queue = [...all.entries()].slice(only ?? 0);
  const summary: RunsSummary = { done: 0, failures: [], unsure: 0, restarts: 0, replayed: 0, tally: new Tally() };
  const first = await RecordingActivities.create();
  const lanes = await Promise.all(
    [{}, { maxCachedWorkflows: MOST_CACHED }, {}].map((each) => Lane.open(env, first, { ...each, forceTime: '60s' })),
  );
  let isOver = false;
  const restarting = restartAgainAndAgain(lanes[2]!, () => isOver, summary);
  const isEnough = (): boolean => queue.length === 0 || summary.failures.length >= MOST_FAILURES || Date.now() > until;
  try {
    await Promise.all(
      Array.from({ length: Math.min(services, queue.length) }, async (_, index) => {
        // What has to be replayed again and again costs the most.
        const kind = index % 8 === 7 ? 1 : index % 4 === 2 ? 2 : 0;
        while (!isEnough()) await runService(lanes[kind]!, queue, options, summary);
      }),
    );
  } finally {
    isOver = true;
    await restarting;
    await Promise.all(lanes.map((lane) => lane.stop().catch(() => undefined)));
    await first.close();
  }
  return summary;
}

async function runService(
  lane: Lane,
  queue: [number, Sequence][],
  { seed, keep, onProgress }: RunsOptions,
  summary: RunsSummary,
): Promise<void> {
  const bench = await Bench.openIn(lane);
  const conductor = new Conductor(bench, summary.tally);
  const numbers: number[] = [];
  try {
    while (numbers.length < SEQUENCES_OF_A_SERVICE) {
      const [number, each] = queue.shift() ?? [];
      if (number === undefined || !each) break;
      numbers.push(number);
      const { isSure } = await conductor.run(each);
      summary.done += 1;
      if (!isSure) summary.unsure += 1;
      onProgress?.(summary);
    }
    // What was never taken over by another worker shows only then that it could have been.
    if ((numbers[0] ?? 0) % REPLAYED_ONE_OF !== 0) return;
    const divergences = await findDivergences(bench.env.client.workflow, bench.service);
    summary.replayed += numbers.length;
    if (divergences.length > 0) throw new Error(divergences.join('\n'));
  } catch (error) {
    let why = error instanceof Error ? `${error.message}\n${inspect(error.cause ?? error.stack)}` : String(error);
    why += (await findFailedTasks(bench, keep)).join('\n');
    summary.failures.push(
      `seed ${seed}, sequence ${numbers.at(-1)} (of ${numbers.join()}, ${lane.describe()}): ${why}`,
    );
    onProgress?.(summary);
  } finally {
    await bench.end().catch((error: unknown) => summary.failures.push(String(error)));
  }
}

/** Why tasks of its workflows failed, as Temporal has it. Keeps their histories where that is wanted. */
async function findFailedTasks({ env, service }: Bench, keep: string | undefined): Promise<string[]> {
  const found: string[] = [];
  const { workflow } = env.client;
  const query = ['service', 'rollout'].map((kind) => `WorkflowId STARTS_WITH "${kind}/${formatServiceId(service)}"`);
  for await (const { workflowId, runId } of workflow.list({ query: query.join(' OR ') })) {
    const history = await workflow.getHandle(workflowId, runId).fetchHistory();
    const { events } = history;
    if (keep !== undefined) {
      const name = `${workflowId.replaceAll('/', '-')}-${runId}.json`;
      await writeFile(join(keep, name), historyText(workflowId, history));
    }
    for (const { workflowTaskFailedEventAttributes: failed } of events ?? []) {
      if (failed) found.push(`\n${workflowId}: ${failed.cause} ${failed.failure?.message}`);
    }
  }
  return found;
}

async function restartAgainAndAgain(lane: Lane, isOver: () => boolean, summary: RunsSummary): Promise<void> {
  for (let waited = 0; !isOver(); waited += 100) {
    await sleep(100);
    if (waited < RESTART_EVERY_MS) continue;
    waited = 0;
    await lane.stop();
    await lane.start();
    summary.restarts += 1;
  }
}
