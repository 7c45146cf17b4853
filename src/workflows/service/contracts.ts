import type { BegunContract, RecalledContracts } from '../../activities/contracts.ts';
import type { HookAnswer } from '../../domain/hooks/answer.ts';
import {
  type PendingContract,
  computeContractLookMs,
  computeContractPauseMs,
  findDueContract,
} from '../../domain/migrations/contract.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import type { ServiceState } from '../../domain/service/state.ts';
import { callingHook, localFirst } from '../shared/activities.ts';
import { HAND_OVER_MS, toHookAnswer } from '../shared/hook-call.ts';
import type { ServiceContext } from './context.ts';
import { nowIso } from './records.ts';

/** As they are recorded: a rollout has noted one, or called some off. */
export async function recallContracts(context: ServiceContext): Promise<void> {
  const found = await localFirst('recallContracts', 'what is left to be contracted', [context.state.key]);
  context.state = withContracts(context.state, found);
}

/** The state with the contracts that were found. Of those that had begun it is known here when they are called again. */
export function withContracts(state: ServiceState, { contracts, contractedBy }: RecalledContracts): ServiceState {
  const { contracts: before = [], contractedBy: _before, ...rest } = state;
  const known = contracts?.map((found) => {
    const own = before.find(({ revision }) => revision === found.revision);
    return own?.nextCallAt === undefined ? found : { ...found, nextCallAt: own.nextCallAt };
  });
  return {
    ...rest,
    ...(known === undefined ? {} : { contracts: known }),
    ...(contractedBy === undefined ? {} : { contractedBy }),
  };
}

/** Whether one is to be called now. */
export function isContractDue({ state, isContracting }: ServiceContext): boolean {
  return !isContracting && findDueContract(state, new Date()) !== undefined;
}

/**
 * Calls the contract that is due, if one is, beside whatever else the service does: nobody waits for it. What it said is in
 * the state before it is over.
 */
export function beginDueContract(context: ServiceContext): void {
  const due = findDueContract(context.state, new Date());
  if (context.isContracting || !due) return;
  context.isContracting = true;
  void carryOut(context, due.revision);
}

async function carryOut(context: ServiceContext, revision: number): Promise<void> {
  try {
    const contract = await context.runExclusive(() => begin(context, revision));
    if (contract) await callOnce(context, contract);
  } finally {
    // At once with the state, so that whoever waits for a change of that finds both.
    context.isContracting = false;
  }
}

async function callOnce(context: ServiceContext, contract: PendingContract): Promise<void> {
  const { key: service } = context.state;
  const { revision } = contract;
  const calls = contract.calls + 1;
  const answer = await call(context, contract, calls);
  const at = nowIso();
  const summary = `what the contract of ${formatRevisionName(revision)} said`;
  await localFirst('recordContract', summary, [{ service, revision, answer, calls, at }]);
  const pauseMs = computeContractPauseMs(answer, calls, Date.parse(at) - Date.parse(contract.since));
  const nextCallAt = new Date(Date.parse(at) + pauseMs).toISOString();
  const { contracts = [], ...rest } = context.state;
  const left = contracts.flatMap((each) => {
    if (each.revision !== revision) return [each];
    return answer.status === 'succeeded' ? [] : [{ ...contract, calls, nextCallAt }];
  });
  context.state = { ...rest, ...(left.length === 0 ? {} : { contracts: left }) };
}

/** Undefined where something came in between. No request is decided on meanwhile. */
async function begin(context: ServiceContext, revision: number): Promise<PendingContract | undefined> {
  const due = findDueContract(context.state, new Date());
  if (due?.revision !== revision) return undefined;
  if (due.state === 'begun') return due;
  const at = nowIso();
  const summary = `nobody goes back beyond ${formatRevisionName(revision)}`;
  const found = await localFirst('beginContract', summary, [{ service: context.state.key, revision, at }]);
  // Workers of an earlier version say nothing.
  const { waitsFor } = (found as BegunContract | undefined) ?? {};
  if (waitsFor) {
    const nextCallAt = new Date(Date.parse(at) + computeContractLookMs(due, new Date(at))).toISOString();
    context.state = replaceContract(context.state, { ...due, nextCallAt });
    return undefined;
  }
  const { nextCallAt: _looked, ...first } = due;
  const begun: PendingContract = { ...first, state: 'begun', since: at };
  context.state = { ...replaceContract(context.state, begun), contractedBy: revision };
  return begun;
}

function replaceContract(state: ServiceState, contract: PendingContract): ServiceState {
  const { contracts = [] } = state;
  return { ...state, contracts: contracts.map((each) => (each.revision === contract.revision ? contract : each)) };
}

async function call({ state }: ServiceContext, contract: PendingContract, attempt: number): Promise<HookAnswer> {
  const { revision, timeoutMs } = contract;
  const summary = `contract of ${formatRevisionName(revision)}${attempt === 1 ? '' : `, call ${attempt}`}`;
  const task = { service: state.key, revision, attempt, timeoutMs };
  try {
    return await callingHook(timeoutMs + HAND_OVER_MS).callContract.executeWithOptions({ summary }, [task]);
  } catch (error) {
    return toHookAnswer(error);
  }
}
