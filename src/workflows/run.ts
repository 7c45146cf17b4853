import { setHandler } from '@temporalio/workflow';
import type { RolloutInput, RolloutRef } from '../domain/requests.ts';
import type { Phase, RolloutOutcome } from '../domain/rollout.ts';
import { type Placement, generation } from '../domain/standing.ts';
import { Controls } from './controls.ts';
import { rolloutStatusQuery, stillThereSignal } from './messages.ts';
import { Progress } from './progress.ts';
import { failureText } from './steps.ts';
import { Undo } from './undo.ts';

/** What all phases of one rollout share. */
export class Run {
  readonly input: RolloutInput;
  readonly ref: RolloutRef;
  readonly progress: Progress;
  readonly controls: Controls;
  readonly undo = new Undo();
  /** Where the revision to make live can be reached, once that is known. */
  candidate: Placement | undefined;
  /** How it ended, where that is on record already: an end is told once. */
  recordedOutcome: RolloutOutcome | undefined;
  /** The new revision may have had requests. */
  exposed = false;
  #routeWrites = 0;

  constructor(input: RolloutInput) {
    this.input = input;
    this.ref = { service: input.spec.service, number: input.number, actor: input.actor };
    this.progress = new Progress(input);
    this.controls = new Controls(this.progress);
    setHandler(rolloutStatusQuery, () => this.progress.status, {
      description: 'Where the rollout is, what it waits for, what its checks found',
    });
    setHandler(stillThereSignal, () => undefined, {
      description: 'From a service that was started afresh; not for people',
    });
  }

  /** One phase, begun at a safe point. What `body` returns as a note is shown beside it. */
  async phase<T>(phase: Phase, body: (say: (note: string) => void) => Promise<T>): Promise<T> {
    await this.controls.safePoint(phase);
    this.progress.begin(phase);
    try {
      const result = await body((note) => this.progress.note(phase, note));
      this.progress.end(phase, 'done');
      return result;
    } catch (error) {
      this.progress.end(phase, 'failed', this.controls.aborted ?? failureText(error));
      throw error;
    }
  }

  skip(phases: readonly Phase[], note: string): void {
    for (const phase of phases) this.progress.skip(phase, note);
  }

  /** A route was written, as far as this workflow knows. */
  get hasWritten(): boolean {
    return this.#routeWrites > 0;
  }

  nextGeneration(): number {
    this.#routeWrites += 1;
    return generation(this.input.number, this.#routeWrites);
  }
}
