import type { UpdateDefinition } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommandRef, PutBackReport, TeardownNotice, Receipt } from '../../domain/service/requests.ts';
import type { RunStatus } from '../../domain/experiment/run.ts';
import type { Claim } from '../../domain/gates/claim.ts';
import type { RolloutVerb } from '../../domain/rollout/verbs.ts';
import type { RolloutStatus, ServiceWorkflowStatus } from '../../domain/rollout/status.ts';

/**
 * What the service workflow answers to; each returns at once, with the receipt of the rollout that follows. What is asked
 * is recorded under the name that is sent.
 */
export const requestUpdates = {
  apply: defineUpdate<Receipt, [CommandRef]>('apply'),
  deploy: defineUpdate<Receipt, [CommandRef]>('deploy'),
  rollback: defineUpdate<Receipt, [CommandRef]>('rollback'),
  restart: defineUpdate<Receipt, [CommandRef]>('restart'),
  remove: defineUpdate<Receipt, [CommandRef]>('remove'),
};
export const noteUpdate = defineUpdate<string, [CommandRef]>('note');
/** For a request or a note of which only the answer is wanted: the receipt, or what would hold, in words. */
export const dryRunUpdate = defineUpdate<Receipt | string, [CommandRef]>('dryRun');
export const serviceStatusQuery = defineQuery<ServiceWorkflowStatus | null>('status');
export const teardownReportSignal = defineSignal<[TeardownNotice]>('teardownReport');
/** From a rollout: it will not make live what it was to. */
export const putBackReportSignal = defineSignal<[PutBackReport]>('putBackReport');

/** To a service: its record may hold something that it knows nothing of. It carries nothing: the record says what. */
export const catchUpSignal = defineSignal('catchUp');

/**
 * That it can be delivered says that the rollout still runs. One that is put back tells its service again, which was
 * started afresh.
 */
export const stillThereSignal = defineSignal('stillThere');

/** Tells a rollout which other one takes its place, as is recorded; heard at its next safe point. */
export const supersedeSignal = defineSignal<[number]>('supersede');

/** Tells a rollout that changes were stopped, or are so no more. It carries nothing: the record says which. */
export const stopsChangedSignal = defineSignal('stopsChanged');

/**
 * What a rollout workflow answers to; each returns what happens now, in words. Who asks is recorded under the name that is sent; only
 * `approve` and `reject` take what people send from the Temporal UI, where a gate says so.
 */
export const rolloutUpdates: Record<RolloutVerb, UpdateDefinition<string, [CommandRef | Claim]>> = {
  promote: defineUpdate<string, [CommandRef | Claim]>('promote'),
  pause: defineUpdate<string, [CommandRef | Claim]>('pause'),
  resume: defineUpdate<string, [CommandRef | Claim]>('resume'),
  abort: defineUpdate<string, [CommandRef | Claim]>('abort'),
  retry: defineUpdate<string, [CommandRef | Claim]>('retry'),
  approve: defineUpdate<string, [CommandRef | Claim]>('approve'),
  reject: defineUpdate<string, [CommandRef | Claim]>('reject'),
};
export const rolloutStatusQuery = defineQuery<RolloutStatus>('status');

/** To a run of an experiment: what is wanted of it has changed, or what it waits for. It carries nothing: the record says what. */
export const runChangedSignal = defineSignal('runChanged');
export const runStatusQuery = defineQuery<RunStatus | null>('status');
