import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChangeStop } from '../../domain/gates/stop.ts';
import type { ChangeStop as StopMessage, ChangeStopSchema } from '../gen/supplant/v1/change_stops_pb.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromRequiredTimestamp, fromTimestamp, toTimestamp } from './time.ts';

export function toChangeStop(stop: ChangeStop): MessageInitShape<typeof ChangeStopSchema> {
  const { environment, actor, reason, since, until } = stop;
  return omitUndefined({
    ...{ environment, actor, reason },
    sinceTime: toTimestamp(since),
    untilTime: toTimestamp(until),
  });
}

export function fromChangeStop({ environment, actor, reason, sinceTime, untilTime }: StopMessage): ChangeStop {
  return omitUndefined({
    environment: emptyToUndefined(environment),
    ...{ actor, reason },
    since: fromRequiredTimestamp(sinceTime),
    until: fromTimestamp(untilTime),
  });
}
