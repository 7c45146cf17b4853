import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Finding, ReaperReport } from '../../domain/reaper/finding.ts';
import type {
  GetReaperReportResponse,
  GetReaperReportResponseSchema,
  ReaperFinding,
  ReaperFindingSchema,
} from '../gen/supplant/v1/reaper_pb.ts';
import { findingVerdicts } from './experiment/enums.ts';
import { emptyToUndefined, omitUndefined } from './given.ts';
import { fromTimestamp, toTimestamp } from './time.ts';

export function toReport(report: ReaperReport): MessageInitShape<typeof GetReaperReportResponseSchema> {
  const { findings, owned, lookedAt, nextLookAt, trouble } = report;
  return omitUndefined({
    findings: findings.map(toFinding),
    owned,
    lookTime: toTimestamp(lookedAt),
    nextLookTime: toTimestamp(nextLookAt),
    trouble,
  });
}

export function fromReport(message: GetReaperReportResponse): ReaperReport {
  const { findings, owned, lookTime, nextLookTime, trouble } = message;
  return omitUndefined({
    findings: findings.map(fromFinding),
    owned,
    lookedAt: fromTimestamp(lookTime),
    nextLookAt: fromTimestamp(nextLookTime),
    trouble: emptyToUndefined(trouble),
  });
}

function toFinding(finding: Finding): MessageInitShape<typeof ReaperFindingSchema> {
  const { project, stack, verdict, owner, because, foundAt, dueAt, attempts, lastError, suggestion } = finding;
  return omitUndefined({
    ...{ project, stack, owner, because, attempts, lastError, suggestion },
    verdict: findingVerdicts.number(verdict),
    foundTime: toTimestamp(foundAt),
    dueTime: toTimestamp(dueAt),
  });
}

function fromFinding(message: ReaperFinding): Finding {
  const { project, stack, verdict, owner, because, foundTime, dueTime, attempts, lastError, suggestion } = message;
  return omitUndefined({
    ...{ project, stack, because, attempts },
    verdict: findingVerdicts.word(verdict) ?? 'condemned',
    owner: emptyToUndefined(owner),
    foundAt: fromTimestamp(foundTime),
    dueAt: fromTimestamp(dueTime),
    lastError: emptyToUndefined(lastError),
    suggestion: emptyToUndefined(suggestion),
  });
}
