import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Verdict } from '../../domain/checks.ts';
import type { Wait } from '../../domain/rollout.ts';
import type { ServiceKey } from '../../domain/service.ts';
import type {
  Verdict as VerdictMessage,
  VerdictSchema,
  Wait as WaitMessage,
  WaitSchema,
} from '../../gen/supplant/v1/common_pb.ts';
import { names, numberOf } from '../names.ts';
import { results } from './enums.ts';
import { given } from './given.ts';
import { fromTimestamp, requiredTime, toTimestamp } from './time.ts';

export function toVerdict(service: ServiceKey, verdict: Verdict): MessageInitShape<typeof VerdictSchema> {
  const { check, revision, attempts, passed, from, to, evidence } = verdict;
  return given({
    check,
    result: results.number(verdict.verdict),
    revision: names.revision(service, revision),
    attempts,
    passed,
    startTime: toTimestamp(from),
    endTime: toTimestamp(to),
    evidence,
  });
}

export function fromVerdict({ check, result, attempts, passed, evidence, ...rest }: VerdictMessage): Verdict {
  return {
    check,
    verdict: results.word(result) ?? 'inconclusive',
    revision: numberOf(rest.revision) ?? 0,
    attempts,
    passed,
    from: requiredTime(rest.startTime),
    to: requiredTime(rest.endTime),
    evidence,
  };
}

export function toWait({ on, since, until, endedBy, then }: Wait): MessageInitShape<typeof WaitSchema> {
  return given({ on, sinceTime: toTimestamp(since), untilTime: toTimestamp(until), endedBy, then });
}

export function fromWait({ on, sinceTime, untilTime, endedBy, then }: WaitMessage): Wait {
  return given({ on, since: requiredTime(sinceTime), until: fromTimestamp(untilTime), endedBy, then });
}
