import type { ServiceImpl } from '@connectrpc/connect';
import type { RequestMeta } from '../../domain/service/requests.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import type {
  ApplyServiceRequest,
  DeleteServiceRequest,
  GetServiceRequest,
  ListRevisionsRequest,
  ListServicesRequest,
  RestartServiceRequest,
  RollbackServiceRequest,
  ServiceService,
} from '../../contract/gen/supplant/v1/services_pb.ts';
import { type Call, type Gateway, handleUnary } from '../call.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import { toRevision } from '../../contract/convert/revision.ts';
import { toService } from '../../contract/convert/service.ts';
import { Faults } from '../faults.ts';
import { parseServiceName } from '../../contract/names.ts';
import { readPage, writeToken } from '../pages.ts';
import { readDescription } from '../read-spec.ts';
import { readChange } from '../requests.ts';
import { createRevisionControlHandlers } from './controls.ts';
import { HISTORY_PAGES, readHistory } from './history.ts';
import { listRollbackProofs } from './rollback-proofs.ts';
import { readTarget } from './rollouts.ts';
import { type Action, type Started, passGates, startRollout } from './start.ts';

export function createServiceHandlers(gateway: Gateway): ServiceImpl<typeof ServiceService> {
  return {
    applyService: handleUnary(gateway, applyService),
    getService: handleUnary(gateway, getService),
    listServices: handleUnary(gateway, listServices),
    deleteService: handleUnary(gateway, (request: DeleteServiceRequest, call) =>
      change(call, request, () => ({ kind: 'remove' })),
    ),
    rollbackService: handleUnary(gateway, (request: RollbackServiceRequest, call) =>
      change(call, request, (faults) => {
        const revision = readTarget(faults, 'revision', request.name, request);
        return { kind: 'rollback', ...omitUndefined({ revision }) };
      }),
    ),
    restartService: handleUnary(gateway, (request: RestartServiceRequest, call) =>
      change(call, request, () => ({ kind: 'restart' })),
    ),
    listRevisions: handleUnary(gateway, listRevisions),
    listRollbackProofs: handleUnary(gateway, listRollbackProofs),
    ...createRevisionControlHandlers(gateway),
  };
}

async function applyService(request: ApplyServiceRequest, call: Call): Promise<Started> {
  call.mustBeAllowedSomewhere('apply');
  const faults = new Faults();
  const read = readDescription(faults, request.description);
  const asked: RequestMeta = readChange(faults, request, call.caller.name);
  const spec = faults.settle(read);
  const backend = call.to('apply', spec.service);
  return passGates(call, spec.service, asked, () => backend.apply(spec, asked));
}

async function change(
  call: Call,
  request: DeleteServiceRequest | RestartServiceRequest | RollbackServiceRequest,
  readAction: (faults: Faults) => Action,
): Promise<Started> {
  const faults = new Faults();
  const service = faults.take('name', request.name, parseServiceName(request.name));
  const action = readAction(faults);
  const asked = readChange(faults, request, call.caller.name);
  return startRollout(call, faults.settle(service && { service, action, change: asked }));
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
    .map((view) => ({ id: formatServiceId(view.status.spec.service), view }))
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
