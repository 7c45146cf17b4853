import type { MessageInitShape } from '@bufbuild/protobuf';
import type { HostState } from '../../domain/hosts/host.ts';
import type { HostView } from '../../domain/hosts/view.ts';
import { type Host, type HostSchema, Host_State } from '../gen/supplant/v1/hosts_pb.ts';
import { names, readHost } from '../names.ts';
import { Words } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromRequiredTimestamp, fromTimestamp, toTimestamp } from './time.ts';

export const hostStates = new Words<HostState, Host_State>({
  live: Host_State.LIVE,
  away: Host_State.AWAY,
  forgotten: Host_State.FORGOTTEN,
  unknown: Host_State.UNKNOWN,
});

export function toHost(view: HostView): MessageInitShape<typeof HostSchema> {
  const { id, machine, version, state, firstSeenAt, lastSeenAt, stackCount, stacks, pools, forgotten } = view;
  return omitUndefined({
    ...{ name: names.host(id), machine, version, pools, stackCount, stacks },
    state: hostStates.number(state),
    firstSeenTime: toTimestamp(firstSeenAt),
    lastSeenTime: toTimestamp(lastSeenAt),
    forgetTime: toTimestamp(forgotten?.at),
    forgottenBy: forgotten?.by,
    forgetReason: forgotten?.reason,
  });
}

export function fromHost(message: Host): HostView {
  const { name, machine, version, state, firstSeenTime, lastSeenTime, stackCount, stacks, pools } = message;
  const { forgetTime, forgottenBy, forgetReason } = message;
  return omitUndefined({
    ...{ id: readHost(name), pools, stackCount, stacks },
    machine: emptyToUndefined(machine),
    version: emptyToUndefined(version),
    state: hostStates.word(state) ?? 'unknown',
    firstSeenAt: fromTimestamp(firstSeenTime),
    lastSeenAt: fromTimestamp(lastSeenTime),
    forgotten: forgetTime && { at: fromRequiredTimestamp(forgetTime), by: forgottenBy, reason: forgetReason },
  });
}
