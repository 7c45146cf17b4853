import { ApiError } from '../../contract/supplant-client.ts';
import { type RolloutVerb, answerVerbNow, describePromotion, findStage } from '../../domain/rollout/verbs.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { Call } from '../call.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import { Faults } from '../faults.ts';
import { type Found, findRollout } from '../find-rollout.ts';
import { parseRolloutName } from '../../contract/names.ts';
import { type Mutation, readChange } from '../requests.ts';

/** Asks something of a rollout. */
export async function askRollout(call: Call, verb: RolloutVerb, request: Mutation & { name: string; full?: boolean }) {
  const { full = false } = request;
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRolloutName(request.name));
  const change = readChange(faults, request, call.caller.name);
  if (full && request.reason === '') faults.expected('reason', 'why steps are left out', '');
  const { service, number } = faults.settle(named);
  const requester = verb === 'approve' ? await requesterOf(call, service, number) : undefined;
  const backend = call.to(verb, service, requester);
  if (request.validateOnly) return { effect: answerDry(verb, full, await findRollout(backend, service, number)) };
  const { actor, reason } = change;
  const requestId = request.requestId === '' ? undefined : request.requestId;
  return {
    effect: await backend.act(service, verb, {
      actor,
      ...omitUndefined({ rollout: number, reason, requestId, full: full ? (true as const) : undefined }),
    }),
  };
}

async function requesterOf(call: Call, service: ServiceKey, number: number | undefined): Promise<string> {
  const found = await findRollout(call.to('view', service), service, number);
  return 'queued' in found ? found.queued.actor : found.status.actor;
}

/** What the rollout itself would say now. */
function answerDry(verb: RolloutVerb, full: boolean, found: Found): string {
  if ('queued' in found) throw new ApiError('REFUSED', `cannot ${verb}: the rollout is queued and has not begun`);
  const { status } = found;
  const rule = answerVerbNow(verb, status);
  if (rule.legal) return verb === 'promote' ? describePromotion(rule.effect, full) : rule.effect;
  throw new ApiError('REFUSED', `cannot ${verb} in phase ${findStage(status)}: ${rule.reason}`);
}
