import type { ServiceImpl } from '@connectrpc/connect';
import { toHost } from '../../contract/convert/hosts.ts';
import type { ForgetHostRequest, HostService, ListHostsRequest } from '../../contract/gen/supplant/v1/hosts_pb.ts';
import { parseHostName } from '../../contract/names.ts';
import { type Call, type Gateway, handleUnary } from '../call.ts';
import { Faults } from '../faults.ts';
import { readChange } from '../requests.ts';

/** A host has stacks of any service, so it takes a role on all services to ask about them. */
export function createHostHandlers(gateway: Gateway): ServiceImpl<typeof HostService> {
  return {
    listHosts: handleUnary(gateway, listHosts),
    forgetHost: handleUnary(gateway, forgetHost),
  };
}

async function listHosts(_request: ListHostsRequest, call: Call) {
  return { hosts: (await call.to('view').hosts.list()).map(toHost) };
}

async function forgetHost(request: ForgetHostRequest, call: Call) {
  const backend = call.to('forgetHost');
  const faults = new Faults();
  const host = faults.take('name', request.name, parseHostName(request.name));
  const change = readChange(faults, request, call.caller.name);
  if (change.reason === undefined) faults.expected('reason', 'why the host does not come back', request.reason);
  return { effect: await backend.hosts.forget(faults.settle(host), change) };
}
