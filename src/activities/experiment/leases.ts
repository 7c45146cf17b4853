import { canonicalJson } from '../../domain/canonical-json.ts';
import { labelsOf } from '../../domain/experiment/drill/judge.ts';
import { type Stage, planDrillStages } from '../../domain/experiment/drill/stages.ts';
import type { ExperimentKey, ExperimentSpec } from '../../domain/experiment/experiment.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import type { ResolvedVariant } from '../../domain/experiment/resolve.ts';
import {
  type DrillPlan,
  type RunPlan,
  type RunRef,
  type RunStatus,
  type RunVariant,
  formatRunName,
} from '../../domain/experiment/run.ts';
import type { StackDriver } from '../../stacks/driver.ts';
import type { ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import { createPermanentFailure } from '../failures.ts';
import { fixBlueprint } from '../release.ts';
import { type DescribedVariant, describeVariants, resolveVariants } from './describe-variants.ts';
import { type DrillCatalogue, describeDrill } from './drill.ts';
import { locateStack, requireRun, toVariant } from './require-run.ts';
import type { RunJournal } from './run-journal.ts';

export interface LeaseTask {
  /** As its workflow has it, which is recorded beside the leases. */
  status: RunStatus;
  workflowId: string;
  firstRunId: string;
}

/** What a run's workflow has to know of what it does; all else is recorded. */
export interface LeasedRun {
  deadlineAt: string;
  variants: RunVariant[];
  probes: ProbeRef[];
  stay: RunPlan['stay'];
  compares: boolean;
  /** Earlier runs end once its variants are healthy and have their addresses. */
  handsOver?: true;
  /** The variants that the router is to lead to. */
  addressed: string[];
  /** How long a variant's checks may take at most, in milliseconds. */
  checksMs: number;
  /** The rollback that it tries, in words: `r5`, `r4`; and the stages of that. Absent of what is no drill. */
  drill?: { from: string; to: string; stages: Stage[] };
}

export interface ProbeRef {
  name: string;
  kind: RunPlan['probes'][number]['kind'];
  /** How long it takes at most, or about, in milliseconds. */
  lastsMs: number;
}

/** Takes the leases of a run's stacks: before the first of them exists, all of them or none. */
export function leaseActivities(
  store: ExperimentStore,
  catalogue: DrillCatalogue,
  stacks: Pick<StackDriver, 'describe'>,
  journal: RunJournal,
) {
  return {
    /**
     * Fixes what a run does, and records the leases of its stacks. What was taken before stays as it is.
     *
     * @throws ApplicationFailure `InvalidRevision` with all that is wrong with its variants, before anything exists;
     * `NotRecorded` where the experiment is gone; `LeaseOver` where the run is
     */
    async takeLeases(task: LeaseTask): Promise<LeasedRun> {
      const { status, workflowId, firstRunId } = task;
      const record = await requireRun(store, status);
      refuseEnded(record);
      if (record.plan) return describe(record, record.plan);
      const spec = await requireSpec(store, status.experiment);
      const { variants: described, drill } = await describeRun(stacks, catalogue, spec, status);
      const takenAt = new Date();
      // Its time begins now: it may have waited for another one.
      const latest = new Date(takenAt.getTime() + spec.ttlMs).toISOString();
      const { deadlineAt } = ((await store.runs.ask(status, { deadlineAt: latest })) ?? record).status;
      const leases = described.map(({ name, artifact, blueprint, ...made }): Lease => {
        return {
          ...locateStack(status, name),
          run: { experiment: status.experiment, run: status.run },
          ...{ variant: name, workflowId, firstRunId, artifact },
          blueprint: fixBlueprint(blueprint, made),
          ...{ takenAt: takenAt.toISOString(), deadlineAt },
        };
      });
      for (const lease of leases) await journal.write(status, taken(lease, status.actor));
      await store.leases.take(leases);
      // Those that an attempt before has taken.
      await store.leases.extend(status, deadlineAt);
      if (drill) await refuseOtherLeases(store, status, leases);
      const likes = new Map(described.map(({ name, like }) => [name, like]));
      const variants = leases.map((lease) => {
        const like = likes.get(lease.variant);
        return { ...toVariant(lease), ...(like ? { like } : {}) };
      });
      await store.runs.save({ ...status, deadlineAt, variants });
      const plan = { ...planOf(spec, described), ...(drill ? { drill } : {}) };
      // Last: a run that has a plan has its leases.
      const planned = (await store.runs.plan(status, plan)) ?? record;
      return describe(planned, planned.plan ?? plan);
    },
  };
}

function refuseEnded({ status, stop }: RunRecord): void {
  if (status.outcome === undefined && !stop) return;
  throw createPermanentFailure('LeaseOver', `${formatRunName(status)} is over, or is being ended: it takes no leases`);
}

async function requireSpec({ experiments }: ExperimentStore, key: ExperimentKey): Promise<ExperimentSpec> {
  const record = await experiments.find(key);
  if (record && record.deletedAt === undefined) return record.spec;
  throw createPermanentFailure('NotRecorded', 'the experiment was deleted');
}

/** What the run makes: of what services have now, and of this installation's blueprints. */
async function describeRun(
  stacks: Pick<StackDriver, 'describe'>,
  catalogue: DrillCatalogue,
  { variants, drill }: ExperimentSpec,
  ref: RunRef,
): Promise<{ variants: DescribedVariant[]; drill?: DrillPlan }> {
  if (drill) return describeDrill(stacks, catalogue, drill, ref);
  return { variants: await describeVariants(stacks, await resolveVariants(variants, catalogue), ref) };
}

/**
 * An attempt before may have taken leases of what the service had then. What is recorded of a rollback has to be of the
 * releases that were tried.
 */
async function refuseOtherLeases(
  { leases }: Pick<ExperimentStore, 'leases'>,
  ref: RunRef,
  wanted: readonly Lease[],
): Promise<void> {
  const madeFrom = ({ variant, artifact, blueprint }: Lease): string => canonicalJson({ variant, artifact, blueprint });
  const expected = new Set(wanted.map(madeFrom));
  if ((await leases.list(ref)).every((lease) => expected.has(madeFrom(lease)))) return;
  throw createPermanentFailure('InvalidRevision', 'its service has changed while the drill began; run it again');
}

function planOf(spec: ExperimentSpec, resolved: readonly ResolvedVariant[]): RunPlan {
  const { probes, compare, stay, keepMs, addresses, overlap } = spec;
  return {
    variants: resolved.map(({ name, checks }) => ({ name, checks })),
    ...{ probes, stay, keepMs },
    ...(compare ? { compare } : {}),
    ...(addresses ? { addresses } : {}),
    ...(overlap === 'hand-over' ? { handsOver: true } : {}),
  };
}

/** By what is recorded: a repeat finds the same. */
function describe({ status }: RunRecord, plan: RunPlan): LeasedRun {
  const labels = plan.drill && labelsOf(plan.drill);
  return {
    deadlineAt: status.deadlineAt,
    variants: status.variants,
    probes: plan.probes.map((probe) => ({ name: probe.name, kind: probe.kind, lastsMs: computeLengthMs(probe) })),
    stay: plan.stay,
    compares: plan.compare !== undefined && plan.probes.some(({ kind }) => kind === 'load'),
    addressed: Object.keys(plan.addresses ?? {}),
    ...(plan.handsOver ? { handsOver: true } : {}),
    checksMs: Math.max(0, ...plan.variants.flatMap(({ checks }) => checks.map(({ deadlineMs }) => deadlineMs))),
    ...(labels ? { drill: { ...labels, stages: planDrillStages(labels) } } : {}),
  };
}

function computeLengthMs(probe: RunPlan['probes'][number]): number {
  return probe.kind === 'load' ? probe.warmUpMs + probe.forMs + probe.timeoutMs : probe.check.deadlineMs;
}

function taken(lease: Lease, actor: string) {
  const { stack, variant, artifact, blueprint, deadlineAt, workflowId } = lease;
  const { name, digest } = blueprint;
  return {
    ...{ type: 'lease.taken', step: variant, actor },
    data: { stack, artifact, blueprint: name, digest, until: deadlineAt, owner: workflowId },
  };
}
