import { ApiError } from '../../client/api.ts';
import { revisionName } from '../../domain/revision.ts';
import { type ServiceKey, serviceId } from '../../domain/service.ts';
import type { Permission } from '../authenticator.ts';
import type { Backend } from '../backend.ts';
import { type Call, type Gateway, unary } from '../call.ts';
import { refusal } from '../errors.ts';
import { Faults } from '../faults.ts';
import { findRollout } from '../find-rollout.ts';
import { parseRevisionName, parseRolloutName } from '../names.ts';
import { type Mutation, readChange } from '../requests.ts';

/** Enough to hold all that anybody would name. */
const MOST_REVISIONS = 1000;

type Request = Mutation & { name: string };

/** What is asked of one revision, or of one rollout in the queue. */
export function revisionControlHandlers(gateway: Gateway) {
  const ofRevision = (name: 'pin' | 'unpin' | 'markBad', permission: Permission) =>
    unary(gateway, (request: Request, call) => control(call, request, name, permission));
  return {
    pinRevision: ofRevision('pin', 'pin'),
    unpinRevision: ofRevision('unpin', 'pin'),
    markRevisionBad: ofRevision('markBad', 'markBad'),
    removeQueuedRollout: unary(gateway, removeQueued),
  };
}

async function control(call: Call, request: Request, name: 'pin' | 'unpin' | 'markBad', permission: Permission) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRevisionName(request.name));
  const change = readChange(faults, request, call.caller.name);
  const { service, number } = faults.settle(named);
  const backend = call.to(permission, service);
  if (!request.validateOnly) await backend[name](service, number, change);
  else await known(backend, service, number);
  return {};
}

async function removeQueued(request: Request, call: Call) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRolloutName(request.name));
  if (named && named.number === undefined) faults.expected('name', 'a rollout with its number', request.name);
  const change = readChange(faults, request, call.caller.name);
  const { service, number = 0 } = faults.settle(named);
  const backend = call.to('unqueue', service);
  if (!request.validateOnly) await backend.removeQueued(service, number, change);
  else if (!('queued' in (await findRollout(backend, service, number)))) {
    throw refusal('REFUSED', `rollout ${number} is not in the queue`, { subject: request.name });
  }
  return {};
}

async function known(backend: Backend, service: ServiceKey, number: number): Promise<void> {
  const { revisions } = await backend.history(service, MOST_REVISIONS);
  if (revisions.some((revision) => revision.number === number)) return;
  throw new ApiError('NOT_FOUND', `${serviceId(service)} has no revision ${revisionName(number)}`);
}
