import { ApiError } from '../../contract/supplant-client.ts';
import { matchesPattern } from '../../domain/access.ts';
import { type Approver, type Standing, findApprovable } from '../../domain/gates/approval.ts';
import { awaitsApproval } from '../../domain/gates/status.ts';
import {
  type AskedOptions,
  type RolloutVerb,
  answerVerbNow,
  describePromotion,
  findStage,
} from '../../domain/rollout/verbs.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { Call } from '../call.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import { Faults } from '../faults.ts';
import { type Found, findRollout } from '../find-rollout.ts';
import { parseRolloutName } from '../../contract/names.ts';
import { type Mutation, readChange } from '../requests.ts';

type VerbMutation = Mutation & { name: string; full?: boolean };

/** Asks something of a rollout. */
export async function askRollout(call: Call, verb: RolloutVerb, request: VerbMutation) {
  const { full = false } = request;
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRolloutName(request.name));
  const change = readChange(faults, request, call.caller.name);
  if (full && request.reason === '') faults.expected('reason', 'why steps are left out', '');
  const { service, number } = faults.settle(named);
  const before = verb === 'approve' ? await findRollout(call.to('view', service), service, number) : undefined;
  const backend = call.to(verb, service, before && requesterOf(before));
  const asked = { full, breakGlass: mayPass(call, service, request) };
  const standing = before ? standingOf(call, service, before) : undefined;
  if (before) requireApprover(before, { actor: change.actor, reason: change.reason, standing });
  if (request.validateOnly) return { effect: answerDry(verb, asked, await findRollout(backend, service, number)) };
  const { actor, reason } = change;
  const requestId = request.requestId === '' ? undefined : request.requestId;
  return {
    effect: await backend.act(service, verb, {
      actor,
      ...omitUndefined({
        ...{ rollout: number, reason, requestId, standing },
        full: full ? (true as const) : undefined,
        breakGlass: asked.breakGlass ? (true as const) : undefined,
      }),
    }),
  };
}

/** A promotion in full passes gates, too, where the caller may. */
function mayPass(call: Call, service: ServiceKey, { full = false, breakGlass = false }: VerbMutation): boolean {
  if (breakGlass) call.to('breakGlass', service);
  return breakGlass || (full && call.caller.refusal('breakGlass', service) === undefined);
}

function requesterOf(found: Found): string {
  return 'queued' in found ? found.queued.actor : found.status.actor;
}

/** As much of it as the gates that wait ask for: it is recorded. */
function standingOf({ caller }: Call, service: ServiceKey, found: Found): Standing | undefined {
  const standing = caller.standing?.(service);
  if (!standing) return undefined;
  const { roles, groups = [] } = standing;
  const gates = 'queued' in found ? [] : (found.status.gates ?? []);
  const isMeant = (group: string): boolean =>
    gates.some(({ approval }) => approval?.from.some((wanted) => matchesPattern(wanted, group)));
  const meant = groups.filter(isMeant);
  return { roles, ...(meant.length === 0 ? {} : { groups: meant }) };
}

/** Told here, it leaves no trace. The rollout decides by what is recorded. */
function requireApprover(
  found: Found,
  { actor, reason, standing }: { actor: string; reason: string | undefined; standing: Standing | undefined },
): void {
  if ('queued' in found || !awaitsApproval(found.status.gates)) return;
  const by: Approver = { actor, ...(standing ?? { roles: [] }), ...(reason === undefined ? {} : { reason }) };
  const approvable = findApprovable(found.status.gates ?? [], by, found.status.actor);
  if ('refusal' in approvable)
    throw new ApiError('REFUSED', `cannot approve in phase ${findStage(found.status)}: ${approvable.refusal}`);
}

/** What the rollout itself would say now. */
function answerDry(verb: RolloutVerb, asked: AskedOptions, found: Found): string {
  if ('queued' in found) throw new ApiError('REFUSED', `cannot ${verb}: the rollout is queued and has not begun`);
  const { status } = found;
  const rule = answerVerbNow(verb, status, { asked });
  if (rule.legal) return verb === 'promote' ? describePromotion(rule.effect, asked) : rule.effect;
  throw new ApiError('REFUSED', `cannot ${verb} in phase ${findStage(status)}: ${rule.reason}`);
}
