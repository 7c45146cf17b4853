import type { MessageInitShape } from '@bufbuild/protobuf';
import type { HookStatusWord } from '../../domain/hooks/answer.ts';
import type { HookMoment } from '../../domain/hooks/hook.ts';
import type { HookReport } from '../../domain/hooks/report.ts';
import {
  type HookReport as ReportMessage,
  type HookReportSchema,
  HookReport_Status,
} from '../gen/supplant/v1/rollouts_pb.ts';
import { Words, phases } from './enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromRequiredTimestamp, fromTimestamp, toTimestamp } from './time.ts';

const statuses = new Words<HookStatusWord, HookReport_Status>({
  succeeded: HookReport_Status.SUCCEEDED,
  failed: HookReport_Status.FAILED,
  'in-progress': HookReport_Status.IN_PROGRESS,
  unanswered: HookReport_Status.UNANSWERED,
});

export function toHookReport(report: HookReport): MessageInitShape<typeof HookReportSchema> {
  const { name, moment, phase, step, status, reason, calls, startedAt, answeredAt, isTold, isIgnored } = report;
  return omitUndefined({
    name,
    [moment]: phases.number(phase),
    step,
    status: status && statuses.number(status),
    reason,
    calls,
    startTime: toTimestamp(startedAt),
    answerTime: toTimestamp(answeredAt),
    told: isTold,
    ignored: isIgnored,
  });
}

export function fromHookReport(report: ReportMessage): HookReport {
  const { name, before, after, step, status, reason, calls, startTime, answerTime, told, ignored } = report;
  const phase = phases.word(before);
  const moment: HookMoment = phase === undefined ? 'after' : 'before';
  return omitUndefined({
    name,
    moment,
    phase: phase ?? phases.word(after) ?? 'plan',
    step: step === 0 ? undefined : step,
    status: statuses.word(status),
    reason: emptyToUndefined(reason),
    calls,
    startedAt: fromRequiredTimestamp(startTime),
    answeredAt: fromTimestamp(answerTime),
    isTold: told || undefined,
    isIgnored: ignored || undefined,
  });
}
