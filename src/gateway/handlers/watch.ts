import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  WatchAuditEventsRequest,
  WatchAuditEventsResponseSchema,
} from '../../contract/gen/supplant/v1/audit_pb.ts';
import type { WatchRolloutRequest, WatchRolloutResponseSchema } from '../../contract/gen/supplant/v1/rollouts_pb.ts';
import type { Call } from '../call.ts';
import { toEvent } from '../../contract/convert/audit.ts';
import { Faults } from '../faults.ts';
import { parseRolloutName } from '../../contract/names.ts';
import { StreamLife } from './stream-life.ts';
import { watchEvents } from '../watch/watch-events.ts';
import { type RolloutUpdate, watchRollout } from '../watch/watch-rollout.ts';
import { readFilter } from './audit-filter.ts';
import { toMessage } from '../find-rollout.ts';

const heartbeat = { case: 'heartbeat' as const, value: {} };

/** Follows a rollout. */
export async function* streamRollout(
  request: WatchRolloutRequest,
  call: Call,
): AsyncGenerator<MessageInitShape<typeof WatchRolloutResponseSchema>> {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRolloutName(request.name));
  const after = readSequence(faults, request.afterSequence);
  const rollout = faults.settle(named);
  const backend = call.to('view', rollout.service);
  const { feed, looks } = call.gateway;
  using life = await StreamLife.of(call, { permission: 'view', service: rollout.service, endsWithCredentials: false });
  for await (const update of watchRollout({ feed, looks, backend }, rollout, after, life.signal)) {
    yield { sequence: BigInt(update.seq), update: news(update) };
  }
  life.end();
}

function news({ event, found }: RolloutUpdate) {
  if (event) return { case: 'event' as const, value: toEvent(event) };
  return found ? { case: 'rollout' as const, value: toMessage(found) } : heartbeat;
}

/** Follows the record. */
export async function* streamAudit(
  request: WatchAuditEventsRequest,
  call: Call,
): AsyncGenerator<MessageInitShape<typeof WatchAuditEventsResponseSchema>> {
  const faults = new Faults();
  const wanted = readFilter(faults, request);
  const { afterSequence } = request;
  const after = afterSequence === undefined ? undefined : readSequence(faults, afterSequence);
  const { service, filter } = faults.settle(wanted);
  const permission = service ? 'view' : 'audit';
  const backend = call.to(permission, service);
  const list = backend.auditEvents.bind(backend);
  using life = await StreamLife.of(call, { permission, service, endsWithCredentials: true });
  for await (const { seq, event } of watchEvents(call.gateway.feed, list, filter, after, life.signal)) {
    const update = event ? { case: 'event' as const, value: toEvent(event) } : heartbeat;
    yield { sequence: BigInt(seq), update };
  }
  life.end();
}

export function readSequence(faults: Faults, sequence: bigint): number {
  const fits = sequence >= 0n && sequence <= BigInt(Number.MAX_SAFE_INTEGER);
  if (!fits) faults.expected('after_sequence', '0 or the sequence of a message that was received', String(sequence));
  return Number(sequence);
}
