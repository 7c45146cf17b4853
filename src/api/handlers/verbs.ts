import { ApiError } from '../../client/api.ts';
import { type Stage, type RolloutVerb, answer } from '../../domain/verbs.ts';
import type { ServiceKey } from '../../domain/service.ts';
import type { Call } from '../call.ts';
import { given } from '../convert/given.ts';
import { Faults } from '../faults.ts';
import { type Found, findRollout } from '../find-rollout.ts';
import { parseRolloutName } from '../names.ts';
import { type Mutation, readChange } from '../requests.ts';

/** Asks something of a rollout. */
export async function ask(call: Call, verb: RolloutVerb, request: Mutation & { name: string }) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRolloutName(request.name));
  const change = readChange(faults, request, call.caller.name);
  const { service, number } = faults.settle(named);
  const requester = verb === 'approve' ? await requesterOf(call, service, number) : undefined;
  const backend = call.to(verb, service, requester);
  if (request.validateOnly) return { effect: rehearse(verb, await findRollout(backend, service, number)) };
  const { actor, reason } = change;
  const requestId = request.requestId === '' ? undefined : request.requestId;
  return { effect: await backend.act(service, verb, { actor, ...given({ rollout: number, reason, requestId }) }) };
}

async function requesterOf(call: Call, service: ServiceKey, number: number | undefined): Promise<string> {
  const found = await findRollout(call.to('view', service), service, number);
  return 'queued' in found ? found.queued.actor : found.status.actor;
}

/** What the table of phase × verb says now. */
function rehearse(verb: RolloutVerb, found: Found): string {
  if ('queued' in found) throw new ApiError('REFUSED', `cannot ${verb}: the rollout is queued and has not begun`);
  const { status } = found;
  const stage: Stage = status.outcome === undefined ? status.phase : 'closed';
  const rule = answer(verb, stage, { paused: status.paused, aborting: false });
  if (rule.legal) return rule.effect;
  throw new ApiError('REFUSED', `cannot ${verb} in phase ${stage}: ${rule.reason}`);
}
