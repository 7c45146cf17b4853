import { setTimeout as sleep } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { formatServiceId } from '../../../src/domain/service/service.ts';
import { RecordingActivities } from '../../doubles/recording-activities.ts';
import { historyText } from '../../replay/histories.ts';
import { Bench } from '../bench.ts';
import { Lane } from '../lane.ts';
import { findDivergences } from '../replays.ts';
import { listSdkFaults } from '../sdk-log.ts';
import { Tally } from './cells.ts';
import { Conductor } from './conductor.ts';
import type { Sequence } from './sequence.ts';
import { drawSequences } from './steering.ts';

export interface RunsOptions {
  seed: number;
  /** How many sequences. */
  runs: number;
  /** How many services at once. */
  services: number;
  /** These sequences alone, by their numbers: on one service, one after the other. */
  only?: readonly number[];
  /** On these workers alone. */
  lane?: LaneKind;
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
  /** Of these, those of which a worker has lost a task. */
  lost: number;
  restarts: number;
  replayed: number;
  tally: Tally;
}

/** Workers with nothing special about them, such as keep next to nothing in memory, and such as are restarted again and again. */
export const LANES = ['plain', 'small', 'restarted'] as const;
type LaneKind = (typeof LANES)[number];

/** A service lives for so many sequences, so that they begin with all that a service may have. */
const SEQUENCES_OF_A_SERVICE = 8;
const RESTART_EVERY_MS = 20_000;
/**
 * A worker of which more is asked puts a workflow out that it has, and replays it later. With fewer the SDK's core puts out one that
 * is at work, whose task it never answers, and says of itself that this is a fault.
 */
const MOST_CACHED = 3;
const MOST_FAILURES = 10;
const REPLAYED_ONE_OF = 3;

/** Carries out random sequences on services beside each other: on workers of each of {@link LANES}. */
export async function runSequences(env: TestWorkflowEnvironment, options: RunsOptions): Promise<RunsSummary> {
  const { seed, runs, services, only, until = Infinity } = options;
  const drawn = drawSequences(seed, only === undefined ? runs : Math.max(...only) + 1);
  const queue = only === undefined ? drawn : only.map((number) => drawn[number]!);
  const summary: RunsSummary = {
    done: 0,
    failures: [],
    unsure: 0,
    lost: 0,
    restarts: 0,
    replayed: 0,
    tally: new Tally(),
  };
  const first = await RecordingActivities.create();
  const open = (kept = {}): Promise<Lane> => Lane.open(env, first, { ...kept, forceTime: '60s' });
  const lanes: Record<LaneKind, Lane> = {
    plain: await open(),
    small: await open({ maxCachedWorkflows: MOST_CACHED }),
    restarted: await open(),
  };
  let isOver = false;
  const restarting = restartAgainAndAgain(lanes.restarted, () => isOver, summary);
  const isEnough = (): boolean => queue.length === 0 || summary.failures.length >= MOST_FAILURES || Date.now() > until;
  try {
    await Promise.all(
      Array.from({ length: Math.min(services, queue.length) }, async (_, index) => {
        // What has to be replayed again and again costs the most.
        const { lane = index % 8 === 7 ? 'small' : index % 4 === 2 ? 'restarted' : 'plain' } = options;
        while (!isEnough()) await runService({ lane, ...options }, lanes[lane], queue, summary);
      }),
    );
  } finally {
    isOver = true;
    await restarting;
    await Promise.all(Object.values(lanes).map((lane) => lane.stop().catch(() => undefined)));
    await first.close();
  }
  return summary;
}

async function runService(
  { seed, lane: kind, keep, onProgress }: RunsOptions & { lane: LaneKind },
  lane: Lane,
  queue: [number, Sequence][],
  summary: RunsSummary,
): Promise<void> {
  const bench = await Bench.openIn(lane);
  const conductor = new Conductor(bench, summary.tally);
  const numbers: number[] = [];
  let begun = Date.now();
  try {
    while (numbers.length < SEQUENCES_OF_A_SERVICE) {
      const [number, each] = queue.shift() ?? [];
      if (number === undefined || !each) break;
      numbers.push(number);
      begun = Date.now();
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
    const where = `--seed ${seed} --only ${numbers.join()} --lane ${kind}: on ${lane.describe()}`;
    const seen = [where, inspect(error), ...(await findFailedTasks(bench, keep)), ...listSdkFaults(begun)];
    summary.failures.push(`seed ${seed}, sequence ${numbers.at(-1)}: ${findCause(error)}\n${seen.join('\n')}`);
    onProgress?.(summary);
  } finally {
    summary.lost += conductor.lost;
    await bench.end().catch((error: unknown) => summary.failures.push(String(error)));
  }
}

/** What went wrong to begin with, in one line. */
function findCause(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return findCause(error.cause);
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  // Of what the witness objects to, the last thing that was seen.
  const objected = lines.findIndex((line) => line.startsWith('which is none of'));
  return (objected > 0 ? `${lines[objected - 1]}, which cannot be` : lines[0]) ?? '';
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
      if (failed) found.push(`${workflowId}: ${failed.cause} ${failed.failure?.message}`);
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
