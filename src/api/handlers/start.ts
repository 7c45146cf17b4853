import type { MessageInitShape } from '@bufbuild/protobuf';
import { ApiError } from '../../client/api.ts';
import type { Change, Ticket } from '../../domain/requests.ts';
import { revisionName } from '../../domain/revision.ts';
import { type ServiceKey, serviceId } from '../../domain/service.ts';
import type { TicketSchema } from '../../gen/supplant/v1/common_pb.ts';
import type { Backend } from '../backend.ts';
import type { Call } from '../call.ts';
import { toTicket } from '../convert/ticket.ts';

/** What can be asked of a service that exists. */
export type Action =
  { kind: 'deploy'; artifact: string } | { kind: 'rollback'; revision?: number } | { kind: 'remove' };

export interface Start {
  service: ServiceKey;
  action: Action;
  change: Change;
  validateOnly: boolean;
}

/** Starts a rollout; or says, where that is all that is wanted, whether one would be. */
export async function start(call: Call, { service, action, change, validateOnly }: Start): Promise<Started> {
  const backend = call.to(action.kind, service);
  const ticket = validateOnly
    ? await rehearse(backend, service, action)
    : await carryOut(backend, service, action, change);
  return { ticket: toTicket(ticket) };
}

export interface Started {
  ticket: MessageInitShape<typeof TicketSchema>;
}

function carryOut(backend: Backend, service: ServiceKey, action: Action, change: Change): Promise<Ticket> {
  switch (action.kind) {
    case 'deploy':
      return backend.deploy(service, action.artifact, change);
    case 'rollback':
      return backend.rollback(service, action.revision, change);
    case 'remove':
      return backend.remove(service, change);
  }
}

async function rehearse(backend: Backend, service: ServiceKey, action: Action): Promise<Ticket> {
  const { status } = await backend.view(service);
  const ahead = status.queue.length + (status.running === undefined ? 0 : 1);
  if (action.kind === 'rollback') await rehearseRollback(backend, service, action.revision, status.live, ahead);
  return { service, rollout: 0, unchanged: false, queuedBehind: ahead };
}

/** Enough to hold every revision that a rollback could go to. */
const REVISIONS = 1000;

async function rehearseRollback(
  backend: Backend,
  service: ServiceKey,
  wanted: number | undefined,
  live: number | undefined,
  ahead: number,
): Promise<void> {
  const { revisions } = await backend.history(service, REVISIONS);
  if (wanted === undefined) {
    const previous = revisions.some(
      ({ number, state }) => number !== live && (state === 'warm' || state === 'retired'),
    );
    if (previous || ahead > 0) return;
    throw new ApiError('REFUSED', `${serviceId(service)} has no previous revision to go back to`);
  }
  const name = revisionName(wanted);
  const found = revisions.find(({ number }) => number === wanted);
  if (!found) throw new ApiError('NOT_FOUND', `${serviceId(service)} has no revision ${name}`);
  if (found.state === 'failed') throw new ApiError('REFUSED', `${name} never became live: its rollout failed`);
  if (wanted === live && ahead === 0) throw new ApiError('REFUSED', `${name} is live already`);
}
