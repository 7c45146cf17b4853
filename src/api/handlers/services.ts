import type { ServiceImpl } from '@connectrpc/connect';
import { ApiError } from '../../client/api.ts';
import type { Change } from '../../domain/requests.ts';
import { type ServiceKey, serviceId } from '../../domain/service.ts';
import type {
  ApplyServiceRequest,
  DeleteServiceRequest,
  GetServiceRequest,
  ListRevisionsRequest,
  ListServicesRequest,
  RollbackServiceRequest,
  ServiceService,
} from '../../gen/supplant/v1/services_pb.ts';
import { type Call, type Gateway, unary } from '../call.ts';
import { given } from '../convert/given.ts';
import { toRevision } from '../convert/revision.ts';
import { toService } from '../convert/service.ts';
import { toTicket } from '../convert/ticket.ts';
import { Faults } from '../faults.ts';
import { parseServiceName } from '../names.ts';
import { readPage, writeToken } from '../pages.ts';
import { readDescription } from '../read-spec.ts';
import { readChange } from '../requests.ts';
import { revisionControlHandlers } from './controls.ts';
import { HISTORY_PAGES, readHistory } from './history.ts';
import { readTarget } from './rollouts.ts';
import { type Action, type Started, start } from './start.ts';

export function serviceHandlers(gateway: Gateway): ServiceImpl<typeof ServiceService> {
  return {
    applyService: unary(gateway, applyService),
    getService: unary(gateway, getService),
    listServices: unary(gateway, listServices),
    deleteService: unary(gateway, (request: DeleteServiceRequest, call) =>
      change(call, request, () => ({ kind: 'remove' })),
    ),
    rollbackService: unary(gateway, (request: RollbackServiceRequest, call) =>
      change(call, request, (faults) => {
        const revision = readTarget(faults, 'revision', request.name, request);
        return { kind: 'rollback', ...given({ revision }) };
      }),
    ),
    listRevisions: unary(gateway, listRevisions),
    ...revisionControlHandlers(gateway),
  };
}

async function applyService(request: ApplyServiceRequest, call: Call): Promise<Started> {
  const faults = new Faults();
  const read = readDescription(faults, request.description);
  const asked: Change = readChange(faults, request, call.caller.name);
  const spec = faults.settle(read);
  const backend = call.to('apply', spec.service);
  if (!request.validateOnly) return { ticket: toTicket(await backend.apply(spec, asked)) };
  return { ticket: { queuedBehind: await ahead(call, spec.service) } };
}

/** Rollouts that a new one would wait for; none for a service that is new too. */
async function ahead(call: Call, service: ServiceKey): Promise<number> {
  try {
    const { status } = await call.to('apply', service).view(service);
    return status.queue.length + (status.running === undefined ? 0 : 1);
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NOT_FOUND') return 0;
    throw error;
  }
}

async function change(
  call: Call,
  request: DeleteServiceRequest | RollbackServiceRequest,
  readAction: (faults: Faults) => Action,
): Promise<Started> {
  const faults = new Faults();
  const service = faults.take('name', request.name, parseServiceName(request.name));
  const action = readAction(faults);
  const asked = readChange(faults, request, call.caller.name);
  const { validateOnly } = request;
  return start(call, faults.settle(service && { service, action, change: asked, validateOnly }));
}

async function getService({ name }: GetServiceRequest, call: Call) {
  const faults = new Faults();
  const service = faults.settle(faults.take('name', name, parseServiceName(name)));
  return { service: toService(await call.to('view', service).view(service)) };
}

async function listServices(request: ListServicesRequest, call: Call) {
  const faults = new Faults();
  const { size, after = '' } = readPage(faults, request, 'services', HISTORY_PAGES);
  faults.settle(true);
  const { backend } = call.gateway;
  const visible = (await backend.services())
    .map((view) => ({ id: serviceId(view.status.spec.service), view }))
    .filter(({ id, view }) => id > after && call.caller.refusal('view', view.status.spec.service) === undefined)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const page = visible.slice(0, size);
  const last = visible.length > size ? page.at(-1) : undefined;
  return {
    services: page.map(({ view }) => toService(view)),
    nextPageToken: last ? writeToken('services', last.id) : '',
  };
}

async function listRevisions(request: ListRevisionsRequest, call: Call) {
  const { revisions, nextPageToken } = await readHistory(call, request, HISTORY_PAGES, 'revisions');
  return { revisions: revisions.map(toRevision), nextPageToken };
}
