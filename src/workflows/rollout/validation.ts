import { ApplicationFailure } from '@temporalio/workflow';
import { type RolloutVerdict, type Verdict, isAccepted } from '../../domain/evidence/checks.ts';
import { nameErrorComparison } from '../../domain/evidence/judge/error-findings.ts';
import type { AnalysisSubject } from '../../domain/evidence/judge/finding.ts';
import { formatDuration } from '../../domain/duration.ts';
import { isCompared } from '../../domain/rollout/baseline.ts';
import { type PlannedStep, computeLongestBakeMs } from '../../domain/rollout/plan.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';
import { type Endpoint, formatEndpointUrl, formatRevisionName } from '../../domain/service/revision.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import { REVISION_NAME } from '../../domain/traffic/cohort.ts';
import type { AnalysisTask } from '../../activities/analysis-watch.ts';
import type { BakeTask } from '../../activities/bake.ts';
import type { Baseline } from './baseline.ts';
import type { RolloutContext } from './context.ts';
import { localFirst, longRunning, lookOn } from '../shared/activities.ts';

/**
 * Every check on a stack nobody uses yet, all at once, those of a baseline among them: anyone who reads the outcome sees
 * everything that is wrong.
 */
export async function validateCandidate(run: RolloutContext, candidate: DeployedRevision): Promise<string> {
  const { deployed, checks = [] } = run.baseline ?? {};
  const verdicts = await Promise.all([
    ...run.checks.map((check) => checkOnce(run, candidate, check, `check ${check}`)),
    ...(deployed ? checks.map((check) => checkOnce(run, deployed, check, `check ${check} of the baseline`)) : []),
  ]);
  return judge(run, inPhase(verdicts, 'validate'));
}

function checkOnce(
  { ref }: RolloutContext,
  { revision, endpoints }: DeployedRevision,
  check: string,
  activityId: string,
): Promise<Verdict> {
  const summary = `check ${check} on ${formatRevisionName(revision.number)}`;
  const subject = { revision: revision.number, endpoints };
  return lookOn(() => longRunning().check.executeWithOptions({ activityId, summary }, [{ ref, subject, check }]));
}

/** A quick look at a revision that has passed its checks before and has been running since. */
export async function recheckCandidate(
  run: RolloutContext,
  { revision, endpoints }: DeployedRevision,
): Promise<string> {
  const subject = { revision: revision.number, endpoints };
  const task = { ref: run.ref, subject };
  const verdicts = await localFirst('recheck', `is ${formatRevisionName(revision.number)} still healthy?`, [task]);
  return accept(run, inPhase(verdicts, 'validate'));
}

/** Watches the candidate under the traffic of a step. */
export async function bakeCandidate(
  run: RolloutContext,
  { revision, endpoints }: DeployedRevision,
  step: PlannedStep,
): Promise<string> {
  const { bakeMs, requests, failureLimit, alarms, metrics } = step;
  const analysis = buildAnalysis(run, revision.number, step);
  const since = new Date();
  const until = new Date(since.getTime() + bakeMs).toISOString();
  const latest = new Date(since.getTime() + computeLongestBakeMs(step)).toISOString();
  const facts = { since: since.toISOString(), until: latest };
  const wait = step.audience === 'inspection' ? buildInspectionWait : buildBakeWait;
  run.progress.wait(wait(revision.number, step, facts, { at: run.address, preview: run.progress.status.preview }));
  const task = {
    ref: run.ref,
    router: run.router,
    subject: { revision: revision.number, endpoints },
    ...nameBaseline(run, step),
    until,
    ...(run.countedAtShift ? { before: run.countedAtShift } : {}),
    ...(requests ? { requests: { least: requests.least, until: latest } } : {}),
    ...(failureLimit ? { limit: failureLimit } : {}),
    ...(alarms ? { alarms } : {}),
    ...(metrics ? { metrics } : {}),
    ...(analysis ? { analysis } : {}),
    ...(alarms || metrics || analysis ? { since: since.toISOString() } : {}),
  };
  const summary = `watch ${formatRevisionName(revision.number)} under traffic until ${until}`;
  try {
    const verdicts = await run.controls.promotable(() =>
      lookOn(() => longRunning(computeLongestBakeMs(step)).bake.executeWithOptions({ summary }, [task])),
    );
    const compared = analysis && nameErrorComparison(analysis.subject);
    run.analysisWorth = verdicts?.find(({ check }) => check === compared)?.numbers?.worth ?? run.analysisWorth;
    if (!verdicts) return 'ended early by promote';
    const found = await judge(run, inPhase(verdicts, 'bake', step.number));
    if (step.needsPromotion) throw createUnpromoted(revision.number, step);
    return found;
  } finally {
    run.progress.wait(undefined);
  }
}

/** With all traffic, and where nothing is live, there is nothing to compare with. */
function buildAnalysis(
  { input, analysisWorth, baseline: copy, retries }: RolloutContext,
  revision: number,
  { analysis: spec, number, of, weight }: PlannedStep,
): AnalysisTask | undefined {
  if (!spec) return undefined;
  const { live } = input.revisionSet;
  const earlier = { worth: analysisWorth, step: number, of: Math.max(1, of - 1) };
  // A cohort is no sample of all requests, nor are all others one of the cohort's.
  const isShared = weight > 0 && weight < 100;
  const baseline = isShared && live ? chooseBaseline(live.revision.number, copy, weight) : {};
  const first = live ? {} : { isFirst: true as const };
  return { spec, subject: { revision, ...baseline, ...first, earlier }, step: number, ...nameRetry(retries) };
}

/** Which time something is made that has failed before: what is found of it is recorded beside what was. */
function nameRetry(retries: number): { retry?: number } {
  return retries === 0 ? {} : { retry: retries };
}

/** A baseline that has traffic in a step. */
function nameBaseline({ baseline }: RolloutContext, step: PlannedStep): Pick<BakeTask, 'baseline'> {
  const beside = baseline?.inStep(step);
  return beside ? { baseline: { revision: beside.revision.number, endpoints: beside.endpoints } } : {};
}

/** A fresh copy where there is one; of nothing where that leaves it no share. */
function chooseBaseline(
  live: number,
  copy: Baseline | undefined,
  weight: number,
): Pick<AnalysisSubject, 'baseline' | 'copyOf'> {
  if (!copy) return { baseline: live };
  return isCompared({ weight }) ? { baseline: copy.revision.number, copyOf: copy.copyOf } : {};
}

function buildBakeWait(revision: number, step: PlannedStep, facts: Pick<Wait, 'since' | 'until'>): Wait {
  const { number, of, bakeMs, requests } = step;
  const name = formatRevisionName(revision);
  const end = of > 1 ? `the end of the bake of step ${number} of ${of}` : 'the end of the bake';
  const next = ifHealthy(revision, step);
  if (!requests) {
    const then = `${next} if it stays healthy, else traffic goes back`;
    return { on: end, ...facts, endedBy: 'promote or abort', then };
  }
  return {
    on: `${end}: for ${formatDuration(bakeMs)}, and for ${requests.least} requests to ${name} in all`,
    ...facts,
    endedBy: 'these requests, promote or abort',
    then: `${next} if it stays healthy; else, and where the requests have not come, traffic goes back`,
  };
}

/** A revision that is inspected waits for a person. */
function buildInspectionWait(
  revision: number,
  step: PlannedStep,
  facts: Pick<Wait, 'since' | 'until'>,
  { at: address, preview }: { at: Endpoint | undefined; preview: string | undefined },
): Wait {
  const name = formatRevisionName(revision);
  const at = address ? ` at ${formatEndpointUrl(address)}` : '';
  const beside = preview === undefined ? '' : `, and at its preview address ${preview} to everybody`;
  const next = step.needsPromotion
    ? 'it is put back'
    : `${ifHealthy(revision, step)} if it stays healthy, else it is put back`;
  return {
    on: `somebody to promote ${name}, which answers${at} to the header or cookie ${REVISION_NAME} with ${name}${beside}`,
    ...facts,
    endedBy: 'promote or abort',
    then: next,
  };
}

function createUnpromoted(revision: number, { bakeMs }: PlannedStep): ApplicationFailure {
  const message = `nobody promoted ${formatRevisionName(revision)} within ${formatDuration(bakeMs)}, the time of its inspection`;
  return ApplicationFailure.create({ type: 'NotPromoted', message, nonRetryable: true });
}

function ifHealthy(revision: number, { number, of }: PlannedStep): string {
  return number < of ? `step ${number + 1} of ${of} follows` : `${formatRevisionName(revision)} is settled on`;
}

function inPhase(verdicts: Verdict[], phase: RolloutVerdict['phase'], step?: number): RolloutVerdict[] {
  return verdicts.map((verdict) => ({ ...verdict, phase, ...(step === undefined ? {} : { step }) }));
}

/** What was found is recorded before anything follows from it. */
async function judge(run: RolloutContext, verdicts: RolloutVerdict[]): Promise<string> {
  const baseline = run.baseline ? { baseline: run.baseline.revision.number } : {};
  await localFirst('recordVerdicts', 'record what was found', [
    { ref: run.ref, verdicts, ...baseline, ...nameRetry(run.retries) },
  ]);
  return accept(run, verdicts);
}

const FAILED: Record<Verdict['verdict'], string> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'was inconclusive',
};

/** Anything but a pass stops the rollout: no data is never a pass. */
function accept(run: RolloutContext, verdicts: RolloutVerdict[]): string {
  run.progress.judged(verdicts);
  const bad = verdicts.filter((verdict) => !isAccepted(verdict));
  if (bad.length > 0) {
    const { baseline } = run;
    const isOfBaseline = ({ revision }: Verdict): boolean => revision === baseline?.revision.number;
    const name = (judged: Verdict): string =>
      isOfBaseline(judged) ? `${judged.check} of ${formatRevisionName(judged.revision)}` : judged.check;
    const what = bad.map((judged) => `check ${name(judged)} ${FAILED[judged.verdict]}: ${judged.evidence}`).join('; ');
    if (baseline && bad.every(isOfBaseline)) throw baseline.createFailure(`is not healthy: ${what}`);
    throw ApplicationFailure.create({ type: 'CheckFailed', message: what, nonRetryable: true });
  }
  return verdicts.length === 1 ? '1 check passed' : `${verdicts.length} checks passed`;
}
