import type { Verdict } from '../checks.ts';
import type { EvidenceWindow } from '../metrics.ts';
import type { AnalysisSpec } from './analysis-spec.ts';
import { findErrorLimit, findErrors } from './error-findings.ts';
import type { AnalysisSubject, Finding } from './finding.ts';
import { findLatency } from './latency-finding.ts';
import type { AnalysisProgress } from './progress.ts';
import { describeUnmeasured } from './words.ts';

/** Of what could not be read. Names that no check in a manifest can have. */
export const UNMEASURED = 'analysis';

/**
 * What an analysis says of the new revision by now. Before the bake is over only what is sure: what speaks against it may still
 * come, and so may the requests that are missing. At its end there is a verdict for each figure, and without data none is a
 * pass.
 */
export function judgeAnalysis(
  spec: AnalysisSpec,
  progress: AnalysisProgress,
  subject: AnalysisSubject,
  { from, to, isOver }: EvidenceWindow & { isOver: boolean },
): Verdict[] {
  const verdict = (finding: Finding): Verdict => toVerdict(spec, subject, finding, { from, to });
  const { inRow } = progress.unmeasured;
  const isUnread = isOver && progress.looks > 0 && progress.looks === inRow;
  if (inRow > spec.budgets.unmeasured || isUnread) {
    const evidence = describeUnmeasured(progress, spec.budgets.unmeasured);
    return [verdict({ check: UNMEASURED, verdict: 'inconclusive', evidence, counts: progress.total.candidate })];
  }
  const errors = [...findErrorLimit(spec, progress, subject), ...findErrors(spec, progress, subject)];
  if (!isOver) return errors.filter((finding) => finding.verdict === 'fail').map(verdict);
  const findings = [...errors, ...findLatency(spec, progress, subject)];
  return (subject.isFirst ? findings.map(forgiveFirst) : forgive(spec, progress, findings)).map(verdict);
}

/** Figures that are undecided pass where so many may be; never where nothing was measured. */
function forgive({ budgets }: AnalysisSpec, { total }: AnalysisProgress, findings: readonly Finding[]): Finding[] {
  const undecided = findings.filter(({ verdict }) => verdict === 'inconclusive').length;
  if (undecided === 0 || undecided > budgets.undecided || total.candidate.requests === 0) return [...findings];
  return findings.map((finding) => {
    if (finding.verdict !== 'inconclusive') return finding;
    const evidence = `${finding.evidence}; undecided, as ${budgets.undecided} may be (budgets.undecided)`;
    return { ...finding, verdict: 'pass' as const, evidence };
  });
}

/** A first deployment may have no users yet, and there is nothing to go back to: what speaks against it still counts. */
function forgiveFirst(finding: Finding): Finding {
  if (finding.verdict !== 'inconclusive') return finding;
  return { ...finding, verdict: 'pass', evidence: `${finding.evidence}; undecided, as a first deployment may be` };
}

function toVerdict(
  { dryRun }: AnalysisSpec,
  { revision }: AnalysisSubject,
  { check, verdict, evidence, counts, numbers }: Finding,
  { from, to }: EvidenceWindow,
): Verdict {
  const { requests, errors } = counts;
  return {
    ...{ check, verdict, revision, attempts: requests, passed: Math.max(0, requests - errors), from, to, evidence },
    ...(numbers === undefined ? {} : { numbers }),
    ...(dryRun ? { isDryRun: true as const } : {}),
  };
}
