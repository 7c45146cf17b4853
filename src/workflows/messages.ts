import type { UpdateDefinition } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Change, Note, TeardownReport, Ticket } from '../domain/requests.ts';
import type { ServiceSpec } from '../domain/service.ts';
import type { RolloutVerb } from '../domain/verbs.ts';
import type { RolloutStatus, ServiceStatus } from '../domain/status.ts';

/** What the service workflow answers to; each returns at once, with the ticket of the rollout that follows. */
export const requestUpdates = {
  apply: defineUpdate<Ticket, [{ spec: ServiceSpec; change: Change }]>('apply'),
  deploy: defineUpdate<Ticket, [{ artifact: string; change: Change }]>('deploy'),
  rollback: defineUpdate<Ticket, [{ to?: number; change: Change }]>('rollback'),
  remove: defineUpdate<Ticket, [{ change: Change }]>('remove'),
};
export const noteUpdate = defineUpdate<string, [{ note: Note; change: Change }]>('note');
export const serviceStatusQuery = defineQuery<ServiceStatus | null>('status');
export const teardownReportSignal = defineSignal<[TeardownReport]>('teardownReport');

/** Asks a rollout nothing: that it can be delivered says that the rollout still runs. */
export const stillThereSignal = defineSignal('stillThere');

/** Tells a rollout that another one takes its place, and why; heard at its next safe point. */
export const supersedeSignal = defineSignal<[string]>('supersede');

/** Who acts on a rollout, and why. */
export interface ActArgs {
  actor: string;
  reason?: string;
}

/** What a rollout workflow answers to; each returns what happens now, in words. */
export const rolloutUpdates: Record<RolloutVerb, UpdateDefinition<string, [ActArgs?]>> = {
  promote: defineUpdate<string, [ActArgs?]>('promote'),
  pause: defineUpdate<string, [ActArgs?]>('pause'),
  resume: defineUpdate<string, [ActArgs?]>('resume'),
  abort: defineUpdate<string, [ActArgs?]>('abort'),
  retry: defineUpdate<string, [ActArgs?]>('retry'),
  approve: defineUpdate<string, [ActArgs?]>('approve'),
};
export const rolloutStatusQuery = defineQuery<RolloutStatus>('status');
