import { formatDuration } from '../../../domain/duration.ts';
import { readRollback } from '../../../activities/experiment/rollback.ts';
import { chooseReleases } from '../../../domain/experiment/drill/resolve.ts';
import { type DrillSpec, countStacks } from '../../../domain/experiment/drill/drill.ts';
import { type ExperimentKey, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import { findBudgetFaults } from '../../../domain/experiment/faults.ts';
import { experimentIds, formatRunName } from '../../../domain/experiment/run.ts';
import { ApiError } from '../../../contract/supplant-client.ts';
import type { RunChoice } from '../../../contract/experiment-client.ts';
import { formatServiceId } from '../../../domain/service/service.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import type { RunRecord } from '../../../store/experiments/stores.ts';
import type { Store } from '../../../store/store.ts';
import { type ChangeParts, type Decided, recordChange } from './changes.ts';
import { refused, requireExperiment, requireOpenRun } from './lookup.ts';
import { describeOverlap, describeRun } from './words.ts';

export async function decideRun(
  { store, temporal }: ChangeParts,
  key: ExperimentKey,
  change: RequestMeta,
): Promise<Decided> {
  const { spec } = await requireExperiment(store.experiments, key);
  const [never] = findBudgetFaults(spec);
  if (never)
    throw refused(`the budget of ${formatExperimentId(key)} never allows a run: ${never.path}: ${never.message}`);
  if (spec.drill) await refuseImpossibleDrill(store, spec.drill);
  const { runs } = store.experiments;
  const workflowId = experimentIds.requested(key, change.requestId);
  const others = (await runs.open(key)).filter((run) => run.workflowId !== workflowId);
  const { actor, reason } = change;
  return {
    effect: `${describeRun(spec)}, begins${describeOverlap(spec, others)}`,
    carryOut: async () => {
      const at = new Date();
      const { status } = await runs.begin({
        ...{ experiment: key, workflowId, trigger: 'person', actor, at: at.toISOString() },
        ...(reason === undefined ? {} : { reason }),
        deadlineAt: new Date(at.getTime() + spec.ttlMs).toISOString(),
        stacks: countStacks(spec),
      });
      await recordChange(store, { type: 'run.requested', experiment: key, run: status }, change);
      return { run: status.run, remark: await temporal.start([{ experiment: key, workflowId }]) };
    },
  };
}

/** A drill of a service that has nothing to go back to would only fail. */
async function refuseImpossibleDrill({ catalogue }: Store, { service, release }: DrillSpec): Promise<void> {
  const facts = await readRollback(catalogue, service);
  const candidate = release && facts.live ? { candidate: facts.live } : {};
  const chosen = chooseReleases(service, { ...facts, ...candidate });
  if (!('faults' in chosen)) return;
  const [what = ''] = chosen.faults.map(({ message }) => message.split('; ')[0]);
  const id = formatServiceId(service);
  throw refused(
    what,
    facts.live
      ? `supplant drill ${id} --artifact ARTIFACT tries a release that is not deployed yet`
      : `deploy it first: supplant deploy ${id} --artifact ARTIFACT`,
  );
}

export async function decideStop(
  { store, temporal }: ChangeParts,
  choice: RunChoice,
  change: RequestMeta,
): Promise<Decided> {
  const run = await requireOpenRun(store.experiments, choice);
  const name = formatRunName(run.status);
  if (run.stop) {
    return { effect: `${name} ends already: ${run.stop.by} has asked for that`, carryOut: () => Promise.resolve({}) };
  }
  return {
    effect: `${name} ends, and its stacks are destroyed now`,
    carryOut: async () => {
      await stopRun(store, run, change);
      return { remark: await temporal.tell([run]) };
    },
  };
}

/** Asks a run to end, on record. */
export async function stopRun(store: Store, { status }: RunRecord, change: RequestMeta): Promise<void> {
  const { actor: by, reason } = change;
  const data = { outcome: 'stopped' };
  await recordChange(store, { type: 'run.stop-requested', experiment: status.experiment, run: status, data }, change);
  const stop = { by, outcome: 'stopped', ...(reason === undefined ? {} : { reason }) } as const;
  await store.experiments.runs.ask(status, { stop });
}

export async function decideExtend(
  { store, temporal, limits }: ChangeParts,
  choice: RunChoice,
  byMs: number,
  change: RequestMeta,
): Promise<Decided> {
  refuseNoExtension(byMs);
  const run = await requireOpenRun(store.experiments, choice);
  const name = formatRunName(run.status);
  if (run.stop) throw refused(`${name} is ending: ${run.stop.by} has asked for that`);
  const deadlineAt = (await findExtension(store, run, byMs, change)) ?? addTo(run.status.deadlineAt, byMs);
  const { startedAt } = run.status;
  const totalMs = Date.parse(deadlineAt) - Date.parse(startedAt);
  if (totalMs > limits.longestTtlMs) {
    const leftMs = limits.longestTtlMs - (Date.parse(run.status.deadlineAt) - Date.parse(startedAt));
    const most = leftMs > 0 ? `${formatDuration(leftMs)} more is possible` : 'it has all of that';
    const message = `${name} would last ${formatDuration(totalMs)} from its start; at most ${formatDuration(limits.longestTtlMs)} is allowed here`;
    throw refused(message, most);
  }
  return {
    effect: `${name} may last ${formatDuration(byMs)} longer: its stacks are gone at ${deadlineAt} at the latest`,
    carryOut: async () => {
      await recordExtension(store, run, { byMs, deadlineAt }, change);
      // The leases first: what has one may go on, and a run never outlives those of its stacks.
      await store.experiments.leases.extend(run.status, deadlineAt);
      await store.experiments.runs.ask(run.status, { deadlineAt });
      return { remark: await temporal.tell([run]) };
    },
  };
}

function refuseNoExtension(byMs: number): void {
  if (byMs > 0) return;
  const message = `expected more than 0, found ${byMs} ms`;
  const suggestion = 'a run that is to end sooner can be stopped';
  throw new ApiError('INVALID', `by: ${message}`, { faults: [{ path: 'by', message }], suggestion });
}

/**
 * What this very request was granted, where it was interrupted after that: on top of it, it would count twice.
 * Undefined where it is new.
 */
async function findExtension(
  { audit }: Store,
  { status }: RunRecord,
  byMs: number,
  { requestId }: RequestMeta,
): Promise<string | undefined> {
  const name = formatRunName(status);
  const key = `${name}/run.extended/${requestId}`;
  const { byMs: by, deadlineAt } = (await audit.list({ rollout: name })).find((event) => event.key === key)?.data ?? {};
  return by === byMs && typeof deadlineAt === 'string' ? deadlineAt : undefined;
}

async function recordExtension(
  store: Store,
  { status }: RunRecord,
  data: { byMs: number; deadlineAt: string },
  change: RequestMeta,
): Promise<void> {
  await recordChange(store, { type: 'run.extended', experiment: status.experiment, run: status, data }, change);
}

function addTo(time: string, millis: number): string {
  return new Date(Date.parse(time) + millis).toISOString();
}
