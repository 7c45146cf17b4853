import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { computeBaselineShare } from '../../domain/rollout/baseline.ts';
import type { PlannedStep } from '../../domain/rollout/plan.ts';
import { readPool } from '../../domain/pools/pool.ts';
import { type RevisionRef, formatRevisionName } from '../../domain/service/revision.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import type { RevisionShare } from '../../domain/traffic/build-route.ts';
import type { Route } from '../../domain/traffic/route.ts';
import { failureText, localFirst } from '../shared/activities.ts';
import { startTeardown } from '../teardown/take-down.ts';
import type { RolloutContext } from './context.ts';

/** Between the first attempts of the teardown that a baseline is left to. */
const RETRY_MS = 30_000;

/** Of a rollout that ends over its baseline: no fault of the release that it was to make live. */
const BASELINE_FAILED = 'BaselineFailed';

/** A fresh copy of the live revision that a rollout compares with, as far as it has come. */
export class Baseline {
  readonly revision: RevisionRef;
  readonly copyOf: number;
  /** The names of its checks: those of the release that is live. */
  checks: string[] = [];
  /** Its stack may be there. */
  isBegun = false;
  /** Where it stands, from when that is known until it is left to its teardown. */
  deployed: DeployedRevision | undefined;
  /** It is left to its teardown. */
  isDismissed = false;

  constructor(revision: RevisionRef, copyOf: number) {
    this.revision = revision;
    this.copyOf = copyOf;
  }

  /** `r3, a fresh copy of r1`. */
  get words(): string {
    return `${formatRevisionName(this.revision.number)}, a fresh copy of ${formatRevisionName(this.copyOf)}`;
  }

  /** The stack of it that is still its rollout's to destroy. */
  get left(): RevisionRef | undefined {
    return this.isBegun && !this.isDismissed ? this.revision : undefined;
  }
}

/** Puts the baseline on record before anything of it exists. */
export async function beginBaseline({ ref, baseline, progress }: RolloutContext): Promise<{ checksMs: number }> {
  if (!baseline) return { checksMs: 0 };
  const { revision, copyOf } = baseline;
  const begun = await localFirst('beginBaseline', `record the baseline ${baseline.words}`, [
    { ref, revision: revision.number, copyOf, at: progress.status.startedAt },
  ]);
  // What is not on record has no stack, and nobody could destroy one.
  baseline.isBegun = true;
  baseline.checks = begun.checks;
  return { checksMs: begun.checksMs };
}

/**
 * Two things at once. Where one of them fails the other is called off, and has ended before that is told: nothing of it goes
 * on while it is undone.
 */
export async function inParallel<One, Other>(
  one: () => Promise<One>,
  other: () => Promise<Other>,
): Promise<[One, Other]> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const orCallOff = async <T>(body: () => Promise<T>): Promise<T> => {
    try {
      return await body();
    } catch (error) {
      if (failures.push(error) === 1) scope.cancel();
      throw error;
    }
  };
  return scope.run(async () => {
    const [first, second] = await Promise.allSettled([orCallOff(one), orCallOff(other)]);
    if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
    throw failures[0];
  });
}

/** The live release does not come up anew: worth knowing, and no fault of the new one. */
export async function orBaselineFailure<T>(baseline: Baseline, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw createBaselineFailure(baseline, `could not be made: ${failureText(error)}`);
  }
}

/** @param what is wrong with it: `failed its checks: …` */
export function createBaselineFailure({ words, copyOf }: Baseline, what: string): ApplicationFailure {
  const message = `the baseline ${words}, ${what}; the release of ${formatRevisionName(copyOf)}, which is live, does not come up anew`;
  return ApplicationFailure.create({ type: BASELINE_FAILED, message, nonRetryable: true });
}

/** What the baseline has of the traffic in a step. While its stack stands it stays in the route. */
export function shareWithBaseline({ baseline }: RolloutContext, { weight }: PlannedStep): RevisionShare | undefined {
  return baseline?.deployed && { revision: baseline.deployed, weight: computeBaselineShare(weight) };
}

/** What stands for comparison alone, without traffic: to be listed until it has drained. */
export function listBaseline({ baseline }: RolloutContext): DeployedRevision[] {
  return baseline?.deployed ? [baseline.deployed] : [];
}

/**
 * Nothing is compared with it any more: it has no traffic, drains, leaves the route and is destroyed by a teardown of its own,
 * which nobody waits for. From here on no route lists it.
 *
 * @param buildRoute the route as it is, without it, written unless a newer one is
 */
export async function dismissBaseline(
  { baseline, ref, router }: RolloutContext,
  buildRoute: () => Route,
): Promise<void> {
  if (!baseline?.deployed) return;
  const { revision } = baseline;
  baseline.deployed = undefined;
  const route = buildRoute();
  await CancellationScope.nonCancellable(() =>
    startTeardown({
      v: 2,
      ref,
      revision: revision.number,
      becomes: 'retired',
      because: 'nothing is compared with it any more',
      route,
      router,
      ...readPool(revision),
      attempts: 0,
      since: new Date().toISOString(),
      retryMs: RETRY_MS,
    }),
  );
  baseline.isDismissed = true;
}
