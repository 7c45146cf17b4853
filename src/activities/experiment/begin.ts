import { type Admission, BUDGET_DAY_MS, countRun, decideAdmission } from '../../domain/experiment/admission.ts';
import { countStacks } from '../../domain/experiment/drill/drill.ts';
import { type ExperimentKey, type ExperimentSpec, formatExperimentId } from '../../domain/experiment/experiment.ts';
import { type RunStartKind, chooseTrigger } from '../../domain/experiment/messages.ts';
import { type RunStatus, formatRunName } from '../../domain/experiment/run.ts';
import type { ExperimentRecord, ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import { createPermanentFailure } from '../failures.ts';
import { endForRun } from './end-for-run.ts';
import type { RunJournal } from './run-journal.ts';

export interface BeginTask {
  experiment: ExperimentKey;
  workflowId: string;
  firstRunId: string;
  start: RunStartKind;
  /** When the workflow began, ISO 8601; from the workflow, so that a repeat writes the same. */
  at: string;
}

/** What becomes of a run. */
export type BeginAnswer =
  /** It takes its leases next, or goes on from where it is. `isEnding` where it is on record that it ends. */
  | { kind: 'goes-on'; status: RunStatus; isEnding?: true }
  | { kind: 'over'; status: RunStatus }
  /** It does not take place, as is to be recorded. */
  | { kind: 'skipped'; status: RunStatus; because: string }
  /** Another one goes on. `stop` has the workflows of those that were just asked to end. */
  | { kind: 'waits'; status: RunStatus; behind: number; until: string; stop: string[] };

/** Who runs that nobody asked for one by one are asked for by. */
const SCHEDULER = 'schedule';

/** Begins runs: those that were asked for, those of a schedule, and no others. */
export function beginActivities(store: ExperimentStore, journal: RunJournal) {
  return {
    /**
     * Gives a run its number where it has none, and decides whether it takes place. What is decided is recorded.
     *
     * @throws ApplicationFailure `NotRecorded` where nobody has asked for it
     */
    async beginRun(task: BeginTask): Promise<BeginAnswer> {
      const described = await store.experiments.find(task.experiment);
      const record = await find(store, task, described);
      const { status, stop, firstRunId, plan } = record;
      if (firstRunId !== task.firstRunId) {
        throw createPermanentFailure('NotRecorded', `${formatRunName(status)} is another workflow's`);
      }
      if (status.outcome !== undefined) return { kind: 'over', status };
      if (stop) return { kind: 'goes-on', status, isEnding: true };
      // One that somebody has set back.
      if (plan) return { kind: 'goes-on', status };
      const obstacle = findObstacle(task, status, described);
      if (obstacle !== undefined || !described) return { kind: 'skipped', status, because: obstacle ?? 'it is gone' };
      const admission = await admit(store, record, described.spec);
      if (admission.kind === 'skip') return { kind: 'skipped', status, because: admission.because };
      if (admission.kind === 'begin') {
        await journal.write(status, started(record));
        return { kind: 'goes-on', status };
      }
      const behind = admission.kind === 'wait' ? admission.behind : Math.min(...admission.runs);
      const until = (await store.runs.find({ ...status, run: behind }))?.status.deadlineAt ?? status.deadlineAt;
      const reason = `${formatRunName(status)} takes its place`;
      const stopped =
        admission.kind === 'replace' ? await endForRun(store, journal, status, { runs: admission.runs, reason }) : [];
      return { kind: 'waits', status, behind, until, stop: stopped };
    },
  };
}

function findObstacle(
  { experiment }: BeginTask,
  { trigger }: RunStatus,
  described?: ExperimentRecord,
): string | undefined {
  if (!described || described.deletedAt !== undefined) return `${formatExperimentId(experiment)} was deleted`;
  const { paused } = described;
  return paused && trigger === 'schedule' ? `${paused.by} has paused it since ${paused.at}` : undefined;
}

/** What else goes on, and what was, decide. Asked again by one that waits. */
async function admit({ runs }: ExperimentStore, { status }: RunRecord, spec: ExperimentSpec): Promise<Admission> {
  const now = new Date();
  const { experiment, run } = status;
  const [open, recent] = await Promise.all([
    runs.open(experiment),
    runs.since(experiment, new Date(now.getTime() - BUDGET_DAY_MS).toISOString()),
  ]);
  return decideAdmission({
    run,
    spec,
    open: open.map((each) => countRun(each, now)),
    over: recent.filter((each) => each.status.outcome !== undefined).map((each) => countRun(each, now)),
    now,
  });
}

function started({ status, stacks }: RunRecord) {
  const { actor, trigger, reason } = status;
  const why = reason === undefined ? {} : { reason };
  return { type: 'run.started', step: 'start', actor, data: { trigger, stacks }, ...why };
}

/** Finds a run that was asked for; records one of a schedule. */
async function find(store: ExperimentStore, task: BeginTask, described?: ExperimentRecord): Promise<RunRecord> {
  const { experiment, workflowId, firstRunId, start, at } = task;
  const found = await store.runs.ofWorkflow(workflowId);
  if (found) {
    const { trigger, actor, startedAt, deadlineAt } = found.status;
    const { stacks } = found;
    return store.runs.begin({ experiment, workflowId, firstRunId, trigger, actor, at: startedAt, deadlineAt, stacks });
  }
  if (start.kind === 'requested') {
    throw createPermanentFailure('NotRecorded', `${workflowId} was not asked for: it is not recorded`);
  }
  if (!described || described.deletedAt !== undefined || !described.spec.schedule) {
    throw createPermanentFailure('NotRecorded', `${formatExperimentId(experiment)} has no schedule`);
  }
  const { spec } = described;
  const trigger = chooseTrigger(start.time, described.spec.schedule, new Date(at));
  return store.runs.begin({
    ...{ experiment, workflowId, firstRunId, trigger, actor: SCHEDULER, at, stacks: countStacks(spec) },
    deadlineAt: new Date(Date.parse(at) + spec.ttlMs).toISOString(),
  });
}
