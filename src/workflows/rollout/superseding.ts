import { CancellationScope, condition } from '@temporalio/workflow';
import { readSuperseding } from '../../domain/service/messages.ts';
import type { RolloutRef } from '../../domain/service/requests.ts';
import { isStepInPlace, lookUp, untilNothingInPlace } from '../shared/activities.ts';
import { IgnoredMessages } from '../shared/intake.ts';
import { supersedeSignal } from '../shared/messages.ts';

/** Whether another rollout takes this one's place, as its service says. */
export class Superseding {
  readonly #ref: RolloutRef;
  readonly #ignored = new IgnoredMessages();
  #because: string | undefined;
  #lookUps = 0;

  constructor(ref: RolloutRef) {
    this.#ref = ref;
  }

  /** Which rollout takes its place, and why; undefined where none does. */
  get because(): string | undefined {
    return this.#because;
  }

  /** It is being looked up. */
  get isLookedUp(): boolean {
    return this.#lookUps > 0;
  }

  untilLookedUp(): Promise<void> {
    return condition(() => !this.isLookedUp);
  }

  /** Anyone who reaches Temporal can say that it is superseded. The record says whether it is. */
  async hear(message: unknown, follow: () => void): Promise<void> {
    const by = readSuperseding(message);
    if (isStepInPlace()) await untilNothingInPlace();
    if (by === undefined) {
      await this.#ignored.add(supersedeSignal.name);
      return;
    }
    this.#lookUps += 1;
    try {
      const look = () => lookUp('recallSuperseding', `does rollout ${by} take its place?`, [{ ref: this.#ref, by }]);
      const because = await CancellationScope.nonCancellable(look);
      if (isStepInPlace()) await untilNothingInPlace();
      if (because === null) await this.#ignored.add(supersedeSignal.name, 'no recorded rollout takes its place');
      else {
        this.#because = because;
        follow();
      }
    } finally {
      this.#lookUps -= 1;
    }
  }
}
