import { ScheduleNotFoundError } from '@temporalio/client';
import { ApiError } from '../../../contract/supplant-client.ts';
import { formatDuration } from '../../../domain/duration.ts';
import { countStacks } from '../../../domain/experiment/drill/drill.ts';
import { type ExperimentKey, type ExperimentSpec, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import type { ExperimentFault } from '../../../domain/experiment/faults.ts';
import { experimentIds } from '../../../domain/experiment/run.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import type { RunRecord } from '../../../store/experiments/stores.ts';
import { listScheduledTimes } from '../../../temporal/schedule-times.ts';
import { type ChangeParts, type Decided, recordChange } from './changes.ts';
import { refused, requireExperiment } from './lookup.ts';
import { describeRun } from './words.ts';

/** What a backfill may make up for: a mistyped year must not fill the machine. */
export const BACKFILL_LIMITS = { spanMs: 7 * 86_400_000, runs: 100 } as const;

/** Looked through for runs that took place. */
const MOST_RUNS = 10_000;

/** A span of time, ISO 8601, both ends included. */
export interface Span {
  from: string;
  to: string;
}

/**
 * The runs are begun on record, as those that somebody asks for: none is lost when Temporal or the gateway goes away in
 * the middle, and a repeat begins none of them twice.
 */
export async function decideBackfill(
  { store, temporal }: ChangeParts,
  key: ExperimentKey,
  span: Span,
  change: RequestMeta,
): Promise<Decided> {
  const { spec } = await requireExperiment(store.experiments, key);
  const id = formatExperimentId(key);
  if (!spec.schedule) throw refused(`${id} has no schedule whose runs could be made up for`, 'run begins one now');
  refuseSpan(span, new Date());
  const { runs } = store.experiments;
  const before = await runs.list(key, { limit: MOST_RUNS });
  const all = await listTimes(temporal, key, span);
  const had = all.filter((time) => hadRun(before, spec, time, change.requestId));
  const times = all.filter((time) => !had.includes(time));
  const without = had.length === 0 ? '' : ` without ${had.length} that took place`;
  if (times.length === 0) {
    throw refused(`no run of ${id} falls into ${span.from} to ${span.to}${without}: there is nothing to make up for`);
  }
  if (times.length > BACKFILL_LIMITS.runs) {
    const more = times.length > 900 ? 'more than 900' : `${times.length}`;
    throw refused(
      `that would be ${more} runs at once; at most ${BACKFILL_LIMITS.runs} are made`,
      'choose a shorter span',
    );
  }
  return {
    effect: describeBackfill(spec, times.length, without),
    carryOut: async () => {
      await recordChange(store, { type: 'experiment.backfilled', experiment: key, data: { ...span } }, change);
      const begun: RunRecord[] = [];
      for (const time of times) begun.push(await begin(runs, spec, new Date(time).toISOString(), change));
      return { remark: await temporal.start(begun.map(({ workflowId }) => ({ experiment: key, workflowId }))) };
    },
  };
}

function begin(
  runs: ChangeParts['store']['experiments']['runs'],
  spec: ExperimentSpec,
  time: string,
  change: RequestMeta,
) {
  const { experiment, ttlMs } = spec;
  const { actor, reason, requestId } = change;
  const now = Date.now();
  return runs.begin({
    ...{ experiment, actor, trigger: 'backfill', stacks: countStacks(spec) },
    workflowId: experimentIds.backfilled(experiment, requestId, time),
    reason: `for ${time}${reason === undefined ? '' : `: ${reason}`}`,
    at: new Date(now).toISOString(),
    deadlineAt: new Date(now + ttlMs).toISOString(),
  });
}

function describeBackfill(spec: ExperimentSpec, runs: number, without: string): string {
  const begin = runs === 1 ? '1 run begins' : `${runs} runs begin`;
  const each = describeRun(spec).replace(/^a (?:run|drill)/, 'each');
  const overlap =
    spec.overlap === 'allow' || runs === 1 ? '' : `; overlap is ${spec.overlap}, which counts for them, too`;
  return `${begin}${without}, ${each}${overlap}`;
}

/** Whether a time had its run, by the schedule or by another backfill. One that was skipped, or lost, is none. */
function hadRun(before: readonly RunRecord[], spec: ExperimentSpec, time: number, requestId: string): boolean {
  const { experiment, schedule } = spec;
  const scheduled = `${experimentIds.scheduled(experiment)}-`;
  const mine = experimentIds.requested(experiment, requestId);
  // Temporal names a workflow by the time without its jitter.
  const earliest = time - (schedule?.jitterMs ?? 0);
  const ending = `-${new Date(time).toISOString()}`;
  return before.some(({ workflowId, status: { outcome, trigger } }) => {
    if (outcome === 'skipped' || outcome === 'lost' || workflowId.startsWith(mine)) return false;
    if (trigger === 'backfill' && workflowId.endsWith(ending)) return true;
    if (!workflowId.startsWith(scheduled)) return false;
    const at = Date.parse(workflowId.slice(scheduled.length));
    return at <= time && at >= earliest;
  });
}

async function listTimes(temporal: ChangeParts['temporal'], key: ExperimentKey, { from, to }: Span): Promise<number[]> {
  try {
    return await listScheduledTimes(temporal.client, key, Date.parse(from), Date.parse(to));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const suggestion = 'a worker makes it within 15 s; repeat the request then';
    throw new ApiError('UNAVAILABLE', `Temporal has no schedule of ${formatExperimentId(key)} yet`, { suggestion });
  }
}

function refuseSpan({ from, to }: Span, now: Date): void {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const faults: ExperimentFault[] = [];
  const wrong = (path: string, message: string) => faults.push({ path, message });
  if (Number.isNaN(start)) wrong('from', `expected a time such as 2026-11-29T02:00:00Z, found '${from}'`);
  if (Number.isNaN(end)) wrong('to', `expected a time such as 2026-11-29T02:00:00Z, found '${to}'`);
  if (start > end) wrong('to', `expected a time after ${from}, found ${to}`);
  if (end > now.getTime()) wrong('to', `expected a time that has passed, found ${to}: what is to come runs by itself`);
  if (end - start > BACKFILL_LIMITS.spanMs) {
    wrong(
      'to',
      `expected at most ${formatDuration(BACKFILL_LIMITS.spanMs)} after from, found ${formatDuration(end - start)}`,
    );
  }
  const [first] = faults;
  if (first) throw new ApiError('INVALID', `${first.path}: ${first.message}`, { faults });
}
