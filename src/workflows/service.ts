import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ServiceKey } from '../domain/service.ts';
import { type ServiceState, newState } from '../domain/service-state.ts';
import { ServiceDesk } from './service-desk.ts';
import { receive } from './service-handlers.ts';
import { outlast } from './service-orphan.ts';
import { recallState } from './service-recall.ts';
import { carryOut } from './service-rollouts.ts';
import { retireExpired, untilExpiryOr } from './service-retention.ts';

/** A service that is new to its workflow, or goes on in a new run. */
export type ServiceInput = { key: ServiceKey } | ServiceState;

/**
 * One service in one environment. Takes requests, carries out one rollout at a time, and lets warm revisions go when
 * their time is over. Lives as long as the service does.
 */
export async function service(input: ServiceInput): Promise<void> {
  const desk = new ServiceDesk('v' in input ? input : newState(input.key));
  receive(desk);
  if (!('v' in input)) desk.state = await recallState(input.key);
  desk.isOpen = true;
  if (desk.state.running) await outlast(desk, desk.state.running);

  while (!desk.done) {
    const { pinned } = desk.state;
    const isDue = (): boolean => desk.next !== undefined || desk.done || desk.state.pinned !== pinned || isLong(desk);
    await untilExpiryOr(isDue, desk.state);
    const { next } = desk;
    if (next) await carryOut(desk, next);
    else await retireExpired(desk);
    if (workflowInfo().continueAsNewSuggested) await goOnInNewRun(desk);
  }
}

/** Requests that need no rollout make a history long, too; Temporal takes 2,000 updates in one run. */
function isLong({ recordsFirst }: ServiceDesk): boolean {
  return recordsFirst && workflowInfo().continueAsNewSuggested;
}

/** Between rollouts only: a running child could not be awaited any more. */
async function goOnInNewRun(desk: ServiceDesk): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof service>(desk.state);
}
