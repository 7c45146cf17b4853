import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { readServiceStart } from '../../domain/service/messages.ts';
import type { RefusedStart } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { type ServiceState, createServiceState } from '../../domain/service/state.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { ServiceContext } from './context.ts';
import { beginDueContract, isContractDue } from './contracts.ts';
import { registerHandlers } from './handlers.ts';
import { dropHeld } from './holds.ts';
import { awaitDetachedRollout } from './detached-rollout.ts';
import { recallState } from './recall.ts';
import { makeWayAgain } from './make-way.ts';
import { carryOutRollout } from './rollouts.ts';
import { retireExpired, awaitExpiryOr } from './retention.ts';
import { carryOutSettings } from './settings.ts';

/** A service that is new to its workflow, or goes on in a new run. */
export type ServiceInput = { key: ServiceKey } | ServiceState;

/**
 * One service in one environment. Takes requests, carries out one rollout at a time, and lets warm revisions go when
 * their time is over. Lives as long as the service does.
 */
export async function service(given: ServiceInput): Promise<RefusedStart | undefined> {
  const input = readServiceStart(given, readStart());
  if (!input) return refuseStart('a service begins with its name, under its own id; what is said of it is recorded');
  const context = new ServiceContext('v' in input ? input : createServiceState(input.key));
  registerHandlers(context);
  if (!('v' in input)) {
    context.state = await recallState(input.key);
    await dropHeld(context);
    await makeWayAgain(context);
  }
  context.isOpen = true;
  if (context.state.running) await awaitDetachedRollout(context, context.state.running);

  while (!context.done) {
    const { pinned, contracts } = context.state;
    const areSettingsDue = (): boolean => context.state.settingsDue !== undefined;
    const isDue = (): boolean =>
      context.next !== undefined ||
      context.done ||
      context.state.pinned !== pinned ||
      context.state.contracts !== contracts ||
      isContractDue(context) ||
      areSettingsDue() ||
      isLong();
    await awaitExpiryOr(isDue, context.isContracting ? withoutContracts(context.state) : context.state);
    const { next } = context;
    if (next) await carryOutRollout(context, next);
    else if (areSettingsDue()) await carryOutSettings(context);
    else {
      await retireExpired(context);
      beginDueContract(context);
    }
    if (isLong()) await goOnInNewRun(context);
  }
  return undefined;
}

/** One that is being called is not waited for by time. */
function withoutContracts({ contracts: _contracts, ...rest }: ServiceState): ServiceState {
  return rest;
}

/** Requests that need no rollout make a history long, too; Temporal takes 2,000 updates in one run. */
function isLong(): boolean {
  return workflowInfo().continueAsNewSuggested;
}

/** Between rollouts only: a running child could not be awaited any more. */
async function goOnInNewRun(context: ServiceContext): Promise<void> {
  await condition(() => allHandlersFinished() && !context.isContracting);
  await continueAsNew<typeof service>(context.state);
}
