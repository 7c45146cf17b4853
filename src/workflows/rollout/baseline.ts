import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { computeBaselineShare, isCompared } from '../../domain/rollout/baseline.ts';
import type { Step } from '../../domain/rollout/plan.ts';
import type { RolloutRef } from '../../domain/service/requests.ts';
import { type RevisionRef, formatRevisionName } from '../../domain/service/revision.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import type { RevisionShare } from '../../domain/traffic/build-route.ts';
import { failureText, localFirst } from '../shared/activities.ts';

/** Of a rollout that ends over its baseline: no fault of the release that it was to make live. */
const BASELINE_FAILED = 'BaselineFailed';

type Weight = Pick<Step, 'weight'>;

/** A fresh copy of the live revision that a rollout compares with, as far as it has come. */
export class Baseline {
  readonly revision: RevisionRef;
  readonly copyOf: number;
  /** The names of its checks: those of the release that is live. */
  checks: string[] = [];
  #isBegun = false;
  #deployed: DeployedRevision | undefined;
  #isDismissed = false;

  constructor(revision: RevisionRef, copyOf: number) {
    this.revision = revision;
    this.copyOf = copyOf;
  }

  /** `r3, a fresh copy of r1`. */
  get words(): string {
    return `${formatRevisionName(this.revision.number)}, a fresh copy of ${formatRevisionName(this.copyOf)}`;
  }

  /** Where it stands, from when that is known until it is left to its teardown: for so long every route lists it. */
  get deployed(): DeployedRevision | undefined {
    return this.#deployed;
  }

  /** It is left to its teardown. */
  get isDismissed(): boolean {
    return this.#isDismissed;
  }

  /** The stack of it that is still its rollout's to destroy. */
  get left(): RevisionRef | undefined {
    return this.#isBegun && !this.#isDismissed ? this.revision : undefined;
  }

  /** What it has of the traffic in a step. */
  shareOf({ weight }: Weight): RevisionShare | undefined {
    return this.#deployed && { revision: this.#deployed, weight: computeBaselineShare(weight) };
  }

  /** Where it has traffic in a step. */
  inStep(step: Weight): DeployedRevision | undefined {
    return isCompared(step) ? this.#deployed : undefined;
  }

  /** Puts it on record before anything of it exists. Returns how long its checks may take, in milliseconds. */
  async begin(ref: RolloutRef): Promise<{ checksMs: number }> {
    const { revision, copyOf } = this;
    const { checks, checksMs } = await localFirst('beginBaseline', `record the baseline ${this.words}`, [
      { ref, revision: revision.number, copyOf, at: new Date().toISOString() },
    ]);
    // What is not on record has no stack, and nobody could destroy one.
    this.#isBegun = true;
    this.checks = checks;
    return { checksMs };
  }

  stand(endpoints: DeployedRevision['endpoints']): void {
    this.#deployed = { revision: this.revision, endpoints };
  }

  /**
   * Has somebody else see to its end. From here on no route lists it.
   *
   * @param leave is over once somebody does
   */
  async dismiss(leave: (revision: RevisionRef) => Promise<void>): Promise<void> {
    if (!this.#deployed) return;
    this.#deployed = undefined;
    await leave(this.revision);
    this.#isDismissed = true;
  }

  /** @throws ApplicationFailure where it cannot be made: the live release does not come up anew, which is no fault of the new one */
  async orFail<T>(make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      if (isCancellation(error)) throw error;
      throw this.createFailure(`could not be made: ${failureText(error)}`);
    }
  }

  /** @param what is wrong with it: `is not healthy: …` */
  createFailure(what: string): ApplicationFailure {
    const release = `the release of ${formatRevisionName(this.copyOf)}, which is live, does not come up anew`;
    const message = `the baseline ${this.words}, ${what}; ${release}`;
    return ApplicationFailure.create({ type: BASELINE_FAILED, message, nonRetryable: true });
  }
}
