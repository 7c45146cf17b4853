import type { Permission } from '../auth/authenticator.ts';
import { type Call, type Gateway, handleUnary } from '../call.ts';
import { Faults } from '../faults.ts';
import { parseRevisionName, parseRolloutName } from '../../contract/names.ts';
import { type Mutation, readChange } from '../requests.ts';

type Request = Mutation & { name: string };

/** What is asked of one revision, or of one rollout in the queue. */
export function createRevisionControlHandlers(gateway: Gateway) {
  const ofRevision = (name: 'pin' | 'unpin' | 'markBad', permission: Permission) =>
    handleUnary(gateway, (request: Request, call) => control(call, request, name, permission));
  return {
    pinRevision: ofRevision('pin', 'pin'),
    unpinRevision: ofRevision('unpin', 'pin'),
    markRevisionBad: ofRevision('markBad', 'markBad'),
    removeQueuedRollout: handleUnary(gateway, removeQueued),
  };
}

async function control(call: Call, request: Request, name: 'pin' | 'unpin' | 'markBad', permission: Permission) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRevisionName(request.name));
  const change = readChange(faults, request, call.caller.name);
  const { service, number } = faults.settle(named);
  await call.to(permission, service)[name](service, number, change);
  return {};
}

async function removeQueued(request: Request, call: Call) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRolloutName(request.name));
  if (named && named.number === undefined) faults.expected('name', 'a rollout with its number', request.name);
  const change = readChange(faults, request, call.caller.name);
  const { service, number = 0 } = faults.settle(named);
  await call.to('unqueue', service).removeQueued(service, number, change);
  return {};
}
