import { ApplicationFailure } from '@temporalio/workflow';
import type { Verdict } from '../domain/checks.ts';
import { revisionName } from '../domain/revision.ts';
import type { Placement } from '../domain/standing.ts';
import type { Run } from './run.ts';
import { quickly, watching } from './steps.ts';

/** Every check on a stack nobody uses yet, all at once: whoever reads the outcome sees everything that is wrong. */
export async function validateCandidate(run: Run, { revision, endpoints }: Placement): Promise<string> {
  const subject = { revision: revision.number, endpoints };
  const verdicts = await Promise.all(
    revision.checks.map((check) =>
      watching.check.executeWithOptions({ summary: `check ${check.name} on ${revisionName(revision.number)}` }, [
        { ref: run.ref, subject, check },
      ]),
    ),
  );
  return accept(run, verdicts);
}

/** A quick look at a revision that has passed its checks before and has been running since. */
export async function recheckCandidate(run: Run, { revision, endpoints }: Placement): Promise<string> {
  const subject = { revision: revision.number, endpoints };
  const task = { ref: run.ref, subject, checks: revision.checks };
  const verdicts = await quickly('recheck', `is ${revisionName(revision.number)} still healthy?`, [task]);
  return accept(run, verdicts);
}

/** Watches the candidate under traffic for `bakeMs`. */
export async function bakeCandidate(run: Run, { revision, endpoints }: Placement, bakeMs: number): Promise<string> {
  const since = new Date();
  const until = new Date(since.getTime() + bakeMs).toISOString();
  run.progress.wait({
    on: 'the end of the bake',
    since: since.toISOString(),
    until,
    endedBy: 'promote or abort',
    then: `${revisionName(revision.number)} is settled on if it stays healthy, else traffic goes back`,
  });
  const task = {
    ref: run.ref,
    subject: { revision: revision.number, endpoints },
    checks: revision.checks,
    until,
  };
  const summary = `watch ${revisionName(revision.number)} under traffic until ${until}`;
  try {
    const verdicts = await run.controls.promotable(() => watching.bake.executeWithOptions({ summary }, [task]));
    return verdicts ? accept(run, verdicts) : 'ended early by promote';
  } finally {
    run.progress.wait(undefined);
  }
}

const FAILED: Record<Verdict['verdict'], string> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'was inconclusive',
};

/** Anything but a pass stops the rollout: no data is never a pass. */
function accept(run: Run, verdicts: Verdict[]): string {
  run.progress.judged(verdicts);
  const bad = verdicts.filter((verdict) => verdict.verdict !== 'pass');
  if (bad.length > 0) {
    const what = bad.map(({ check, verdict, evidence }) => `check ${check} ${FAILED[verdict]}: ${evidence}`).join('; ');
    throw ApplicationFailure.create({ type: 'CheckFailed', message: what, nonRetryable: true });
  }
  return verdicts.length === 1 ? '1 check passed' : `${verdicts.length} checks passed`;
}
