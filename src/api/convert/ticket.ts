import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Ticket } from '../../domain/requests.ts';
import type { ServiceKey } from '../../domain/service.ts';
import type { Ticket as TicketMessage, TicketSchema } from '../../gen/supplant/v1/common_pb.ts';
import { names, numberOf } from '../names.ts';
import { given } from './given.ts';

export function toTicket(ticket: Ticket): MessageInitShape<typeof TicketSchema> {
  const { service, rollout, revision, unchanged, queuedBehind } = ticket;
  return given({
    // A service that was never rolled out has no rollout 0.
    rollout: rollout === 0 ? undefined : names.rollout(service, rollout),
    revision: revision === undefined ? undefined : names.revision(service, revision),
    unchanged,
    queuedBehind,
  });
}

export function fromTicket(service: ServiceKey, message: TicketMessage | undefined): Ticket {
  const { rollout = '', revision = '', unchanged = false, queuedBehind = 0 } = message ?? {};
  return given({
    service,
    rollout: numberOf(rollout) ?? 0,
    revision: numberOf(revision),
    unchanged,
    queuedBehind,
  });
}
