import { isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Stage } from '../../domain/experiment/drill/stages.ts';
import type { RunPhase, RunRef, RunStatus, RunVariant } from '../../domain/experiment/run.ts';
import { failureText } from '../shared/activities.ts';
import { runStatusQuery } from '../shared/messages.ts';
import { RunControls } from './controls.ts';
import { RunProgress } from './progress.ts';

/** What all parts of one run share. */
export class RunContext {
  readonly controls = new RunControls();
  /** Variants that were destroyed while the run went on. */
  readonly retired = new Set<string>();
  #progress: RunProgress | undefined;

  constructor() {
    setHandler(runStatusQuery, () => this.#progress?.status ?? null, {
      description: 'Where the run is, what it waits for, where its variants are',
    });
  }

  /** It has a number, and stands like this by the record. */
  know(recorded: RunStatus): void {
    this.#progress ??= new RunProgress(recorded);
  }

  get isKnown(): boolean {
    return this.#progress !== undefined;
  }

  get progress(): RunProgress {
    if (!this.#progress) throw new Error('the run has no number yet');
    return this.#progress;
  }

  get status(): RunStatus {
    return this.progress.status;
  }

  get ref(): RunRef {
    const { experiment, run } = this.status;
    return { experiment, run };
  }

  /** Who it is, and in whose name. */
  get common(): { ref: RunRef; actor: string } {
    return { ref: this.ref, actor: this.status.actor };
  }

  /** The workflow, which owns what it takes. */
  get owner(): { workflowId: string; firstRunId: string } {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    return { workflowId, firstRunId: firstExecutionRunId };
  }

  /** Where the variants of a stage are. */
  variantsOf({ variants }: Stage): RunVariant[] {
    return this.status.variants.filter(({ name }) => variants.includes(name));
  }

  /**
   * One phase. What `body` says of it is shown beside it.
   *
   * @param place which of several it is, where it comes again
   */
  async phase<T>(phase: RunPhase, body: (say: (note: string) => void) => Promise<T>, place?: string): Promise<T> {
    let note = place;
    this.progress.begin(phase, place);
    try {
      const result = await body((said) => (note = place === undefined ? said : `${place}: ${said}`));
      this.progress.end(phase, 'done', note);
      return result;
    } catch (error) {
      this.progress.wait(undefined);
      const calledOff = isCancellation(error) ? (this.controls.calledOff ?? 'called off') : undefined;
      this.progress.end(phase, 'failed', calledOff ?? failureText(error));
      throw error;
    }
  }
}
