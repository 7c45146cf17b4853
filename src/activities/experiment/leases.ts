import { Context } from '@temporalio/activity';
import type { ExperimentKey, ExperimentSpec, VariantSpec } from '../../domain/experiment/experiment.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import { type ResolvedVariant, type VariantFault, resolveVariant } from '../../domain/experiment/resolve.ts';
import {
  type RunPlan,
  type RunRef,
  type RunStatus,
  type RunVariant,
  formatRunName,
} from '../../domain/experiment/run.ts';
import { type StackDriver, UnfinishedError } from '../../stacks/driver.ts';
import type { Catalogue, RevisionRecord } from '../../store/catalogue/catalogue.ts';
import type { ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import { createPassingFailure, createPermanentFailure } from '../failures.ts';
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
  catalogue: Pick<Catalogue, 'overview' | 'revision'>,
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
      const described = await describeAll(stacks, await resolveAll(spec, catalogue), status);
      const takenAt = new Date();
      // Its time begins now: it may have waited for another one.
      const latest = new Date(takenAt.getTime() + spec.ttlMs).toISOString();
      const { deadlineAt } = ((await store.runs.ask(status, { deadlineAt: latest })) ?? record).status;
      const leases = described.map(({ name, artifact, digest, blueprint }): Lease => {
        return {
          ...locateStack(status, name),
          run: { experiment: status.experiment, run: status.run },
          ...{ variant: name, workflowId, firstRunId, artifact },
          blueprint: { ...blueprint, digest },
          ...{ takenAt: takenAt.toISOString(), deadlineAt },
        };
      });
      for (const lease of leases) await journal.write(status, taken(lease, status.actor));
      await store.leases.take(leases);
      // Those that an attempt before has taken.
      await store.leases.extend(status, deadlineAt);
      const likes = new Map(described.map(({ name, like }) => [name, like]));
      const variants = leases.map((lease) => {
        const like = likes.get(lease.variant);
        return { ...toVariant(lease), ...(like ? { like } : {}) };
      });
      await store.runs.save({ ...status, deadlineAt, variants });
      const plan = planOf(spec, described);
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

type Revisions = Pick<Catalogue, 'overview' | 'revision'>;

async function resolveAll({ variants }: ExperimentSpec, catalogue: Revisions): Promise<ResolvedVariant[]> {
  const found = await Promise.all(
    variants.map(async (variant) => {
      const resolved = resolveVariant(variant, await findRevision(variant, catalogue));
      const { name } = variant;
      return 'faults' in resolved
        ? { name, faults: resolved.faults, resolved: [] }
        : { name, faults: [], resolved: [resolved] };
    }),
  );
  refuseFaults(found);
  return found.flatMap(({ resolved }) => resolved);
}

async function findRevision({ source }: VariantSpec, catalogue: Revisions): Promise<RevisionRecord | undefined> {
  if (source.kind !== 'like') return undefined;
  if (source.revision !== undefined) return catalogue.revision(source.service, source.revision);
  const [overview] = await catalogue.overview(source.service);
  return overview?.revisions.find(({ state }) => state === 'live');
}

/** What this installation's blueprints are, and the artifacts so that they mean the same for as long as the run lasts. */
async function describeAll(
  stacks: Pick<StackDriver, 'describe'>,
  variants: readonly ResolvedVariant[],
  ref: RunRef,
): Promise<(ResolvedVariant & { digest: string })[]> {
  const signal = Context.current().cancellationSignal;
  const described = await Promise.all(
    variants.map(async (variant) => {
      const { name, blueprint, artifact } = variant;
      const request = `${formatRunName(ref)}/${name}`;
      try {
        return { ...variant, ...(await stacks.describe(blueprint, artifact, { signal, request })) };
      } catch (error) {
        if (error instanceof UnfinishedError) throw createPassingFailure('Unfinished', error.message, error);
        throw error;
      }
    }),
  );
  refuseFaults(described);
  return described.map(({ faults: _none, ...variant }) => variant);
}

/** All of them at once. */
function refuseFaults(variants: readonly { name: string; faults: readonly VariantFault[] }[]): void {
  const faults = variants.flatMap(({ name, faults: of }) =>
    of.map(({ path, message }) => `variant ${name}: ${path} ${message}`),
  );
  if (faults.length > 0) throw createPermanentFailure('InvalidRevision', faults.join('; '));
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
  return {
    deadlineAt: status.deadlineAt,
    variants: status.variants,
    probes: plan.probes.map((probe) => ({ name: probe.name, kind: probe.kind, lastsMs: computeLengthMs(probe) })),
    stay: plan.stay,
    compares: plan.compare !== undefined && plan.probes.some(({ kind }) => kind === 'load'),
    addressed: Object.keys(plan.addresses ?? {}),
    ...(plan.handsOver ? { handsOver: true } : {}),
    checksMs: Math.max(0, ...plan.variants.flatMap(({ checks }) => checks.map(({ deadlineMs }) => deadlineMs))),
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
