import { ApiError } from '../../contract/supplant-client.ts';
import { type RolloutVerb, answerVerbNow, findStage } from '../../domain/rollout/verbs.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { Call } from '../call.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import { Faults } from '../faults.ts';
import { type Found, findRollout } from '../find-rollout.ts';
import { parseRolloutName } from '../../contract/names.ts';
import { type Mutation, readChange } from '../requests.ts';

/** Asks something of a rollout. */
export async function askRollout(call: Call, verb: RolloutVerb, request: Mutation & { name: string }) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRolloutName(request.name));
  const change = readChange(faults, request, call.caller.name);
  const { service, number } = faults.settle(named);
  const requester = verb === 'approve' ? await requesterOf(call, service, number) : undefined;
  const backend = call.to(verb, service, requester);
  if (request.validateOnly) return { effect: answerDry(verb, await findRollout(backend, service, number)) };
  const { actor, reason } = change;
  const requestId = request.requestId === '' ? undefined : request.requestId;
  return {
    effect: await backend.act(service, verb, { actor, ...omitUndefined({ rollout: number, reason, requestId }) }),
  };
}

async function requesterOf(call: Call, service: ServiceKey, number: number | undefined): Promise<string> {
  const found = await findRollout(call.to('view', service), service, number);
  return 'queued' in found ? found.queued.actor : found.status.actor;
}

/** What the rollout itself would say now. */
function answerDry(verb: RolloutVerb, found: Found): string {
  if ('queued' in found) throw new ApiError('REFUSED', `cannot ${verb}: the rollout is queued and has not begun`);
  const { status } = found;
  const rule = answerVerbNow(verb, status);
  if (rule.legal) return rule.effect;
  throw new ApiError('REFUSED', `cannot ${verb} in phase ${findStage(status)}: ${rule.reason}`);
}
