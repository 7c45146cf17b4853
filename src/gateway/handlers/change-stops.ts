import type { ServiceImpl } from '@connectrpc/connect';
import { toChangeStop } from '../../contract/convert/change-stops.ts';
import { emptyToUndefined, omitUndefined } from '../../contract/convert/given.ts';
import { fromTimestamp } from '../../contract/convert/time.ts';
import type {
  ChangeStopService,
  LiftChangeStopRequest,
  ListChangeStopsRequest,
  SetChangeStopRequest,
} from '../../contract/gen/supplant/v1/change_stops_pb.ts';
import { NAME } from '../../domain/service/service.ts';
import { type Call, type Gateway, handleUnary } from '../call.ts';
import type { Backend } from '../backend.ts';
import { Faults } from '../faults.ts';
import { readChange } from '../requests.ts';

/** A stop concerns all services of an environment, or all there are, so it takes a role on all of those. */
export function createChangeStopHandlers(gateway: Gateway): ServiceImpl<typeof ChangeStopService> {
  return {
    setChangeStop: handleUnary(gateway, setChangeStop),
    liftChangeStop: handleUnary(gateway, liftChangeStop),
    listChangeStops: handleUnary(gateway, listChangeStops),
  };
}

async function setChangeStop(request: SetChangeStopRequest, call: Call) {
  const faults = new Faults();
  const environment = readEnvironment(faults, request);
  const until = fromTimestamp(request.untilTime);
  if (until !== undefined && !(Date.parse(until) > Date.now())) {
    faults.expected('until_time', 'a time to come', until);
  }
  const change = readChange(faults, request, call.caller.name);
  if (change.reason === undefined) faults.expected('reason', 'why changes are stopped', request.reason);
  const asked = faults.settle({ scope: omitUndefined({ environment, until }) });
  return { effect: await permitted(call, environment).changeStops.set(asked.scope, change) };
}

async function liftChangeStop(request: LiftChangeStopRequest, call: Call) {
  const faults = new Faults();
  const environment = readEnvironment(faults, request);
  const change = readChange(faults, request, call.caller.name);
  const asked = faults.settle({ scope: omitUndefined({ environment }) });
  return { effect: await permitted(call, environment).changeStops.lift(asked.scope, change) };
}

/** Whoever may look at anything may be held by one. */
async function listChangeStops(_request: ListChangeStopsRequest, call: Call) {
  call.mustBeAllowedSomewhere('view');
  return { stops: (await call.gateway.backend.changeStops.list()).map(toChangeStop) };
}

/** `*` is no service's name: what matches it matches all. */
function permitted(call: Call, environment: string | undefined): Backend {
  return call.to('changeStop', environment === undefined ? undefined : { name: '*', environment });
}

function readEnvironment(faults: Faults, { environment }: { environment: string }): string | undefined {
  const given = emptyToUndefined(environment);
  if (given !== undefined && !NAME.test(given)) {
    faults.expected('environment', 'the name of an environment, such as production, or nothing for all', given);
  }
  return given;
}
