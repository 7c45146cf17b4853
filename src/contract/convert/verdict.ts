import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ReadNumber, RolloutVerdict } from '../../domain/evidence/checks.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type {
  ReadNumber as ReadNumberMessage,
  Verdict as VerdictMessage,
  VerdictSchema,
  Wait as WaitMessage,
  WaitSchema,
} from '../gen/supplant/v1/common_pb.ts';
import { names, readNumber } from '../names.ts';
import { phases, results } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromTimestamp, fromRequiredTimestamp, toTimestamp } from './time.ts';

export function toVerdict(service: ServiceKey, verdict: RolloutVerdict): MessageInitShape<typeof VerdictSchema> {
  const { check, revision, attempts, passed, from, to, evidence, phase, step, reading, numbers, isDryRun } = verdict;
  return omitUndefined({
    check,
    result: results.number(verdict.verdict),
    revision: names.revision(service, revision),
    attempts,
    passed,
    startTime: toTimestamp(from),
    endTime: toTimestamp(to),
    evidence,
    phase: phases.number(phase),
    step,
    reading,
    numbers,
    dryRun: isDryRun,
  });
}

export function fromVerdict({
  check,
  result,
  attempts,
  passed,
  evidence,
  step,
  reading,
  numbers,
  dryRun,
  ...rest
}: VerdictMessage): RolloutVerdict {
  return {
    check,
    verdict: results.word(result) ?? 'inconclusive',
    revision: readNumber(rest.revision) ?? 0,
    attempts,
    passed,
    from: fromRequiredTimestamp(rest.startTime),
    to: fromRequiredTimestamp(rest.endTime),
    evidence,
    phase: phases.word(rest.phase) === 'bake' ? 'bake' : 'validate',
    ...(step === 0 ? {} : { step }),
    ...(reading === undefined ? {} : { reading: fromReadNumber(reading) }),
    ...(Object.keys(numbers).length === 0 ? {} : { numbers }),
    ...(dryRun ? { isDryRun: true as const } : {}),
  };
}

function fromReadNumber({ value, samples, query }: ReadNumberMessage): ReadNumber {
  return omitUndefined({ value, samples, query: emptyToUndefined(query) });
}

export function toWait({ on, since, until, endedBy, then }: Wait): MessageInitShape<typeof WaitSchema> {
  return omitUndefined({ on, sinceTime: toTimestamp(since), untilTime: toTimestamp(until), endedBy, then });
}

export function fromWait({ on, sinceTime, untilTime, endedBy, then }: WaitMessage): Wait {
  return omitUndefined({ on, since: fromRequiredTimestamp(sinceTime), until: fromTimestamp(untilTime), endedBy, then });
}
