import type { ServiceImpl } from '@connectrpc/connect';
import { toStackDrift } from '../../contract/convert/drift.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import type {
  AcknowledgeDriftRequest,
  CheckDriftRequest,
  DriftService,
  ListDriftRequest,
} from '../../contract/gen/supplant/v1/drift_pb.ts';
import { parseRevisionName, parseServiceName } from '../../contract/names.ts';
import { formatDriftTarget } from '../../domain/drift/targets.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { type Call, type Gateway, handleUnary } from '../call.ts';
import { Faults } from '../faults.ts';
import { readPage, writeToken } from '../pages.ts';
import { readChange } from '../requests.ts';
import { HISTORY_PAGES } from './history.ts';

export function createDriftHandlers(gateway: Gateway): ServiceImpl<typeof DriftService> {
  return {
    listDrift: handleUnary(gateway, listDrift),
    checkDrift: handleUnary(gateway, checkDrift),
    acknowledgeDrift: handleUnary(gateway, acknowledgeDrift),
  };
}

async function listDrift(request: ListDriftRequest, call: Call) {
  const faults = new Faults();
  const service = readParent(faults, request.parent);
  const of = `drift ${request.parent}`;
  const { size, after = '' } = readPage(faults, request, of, HISTORY_PAGES);
  faults.settle(true);
  const backend = service ? call.to('view', service) : call.gateway.backend;
  const { stacks, trouble } = await backend.drift.list(service);
  const visible = stacks.filter(
    (each) => formatDriftTarget(each) > after && call.caller.refusal('view', each.service) === undefined,
  );
  const page = visible.slice(0, size);
  const last = visible.length > size ? page.at(-1) : undefined;
  return omitUndefined({
    stacks: page.map(toStackDrift),
    nextPageToken: last ? writeToken(of, formatDriftTarget(last)) : '',
    trouble,
  });
}

async function checkDrift(request: CheckDriftRequest, call: Call) {
  const faults = new Faults();
  const service = readParent(faults, request.parent);
  const change = readChange(faults, { ...request, validateOnly: false }, call.caller.name);
  faults.settle(true);
  return { effect: await call.to('drift', service).drift.check(service, change) };
}

async function acknowledgeDrift(request: AcknowledgeDriftRequest, call: Call) {
  const faults = new Faults();
  const named = faults.take('name', request.name, parseRevisionName(request.name));
  const change = readChange(faults, request, call.caller.name);
  if (change.reason === undefined) faults.expected('reason', 'why the drift may stay', request.reason);
  const { service, number } = faults.settle(named);
  return { effect: await call.to('drift', service).drift.acknowledge(service, number, change) };
}

/** Empty for all services. */
function readParent(faults: Faults, parent: string): ServiceKey | undefined {
  return parent === '' ? undefined : faults.take('parent', parent, parseServiceName(parent));
}
