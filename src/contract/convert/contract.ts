import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ContractStatus } from '../../domain/migrations/contract.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import {
  type ContractStatus as ContractMessage,
  type ContractStatusSchema,
  ContractStatus_State,
} from '../gen/supplant/v1/services_pb.ts';
import { names, readNumber } from '../names.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromRequiredTimestamp, fromTimestamp, toTimestamp } from './time.ts';

export function toContract(service: ServiceKey, status: ContractStatus): MessageInitShape<typeof ContractStatusSchema> {
  const { revision, state, since, dueAt, waitsFor = [], calls, reason } = status;
  return omitUndefined({
    revision: names.revision(service, revision),
    state: state === 'begun' ? ContractStatus_State.BEGUN : ContractStatus_State.WAITING,
    sinceTime: toTimestamp(since),
    dueTime: toTimestamp(dueAt),
    waitsFor: waitsFor.map((number) => names.revision(service, number)),
    calls,
    reason,
  });
}

export function fromContract({ revision, state, sinceTime, dueTime, ...more }: ContractMessage): ContractStatus {
  const waitsFor = more.waitsFor.flatMap((name) => readNumber(name) ?? []);
  return omitUndefined({
    revision: readNumber(revision) ?? 0,
    state: state === ContractStatus_State.BEGUN ? ('begun' as const) : ('waiting' as const),
    since: fromRequiredTimestamp(sinceTime),
    dueAt: fromTimestamp(dueTime),
    waitsFor: waitsFor.length === 0 ? undefined : waitsFor,
    calls: more.calls,
    reason: emptyToUndefined(more.reason),
  });
}
