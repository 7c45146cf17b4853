import { CancellationScope, condition } from '@temporalio/workflow';
import { Mutex } from '../../domain/mutex.ts';

/** What goes on already wants its next step before anything else begins. */
const FIRST = 0;

/** What came in: a result of what the workflow has begun, or what somebody sent. */
export type Incoming = 'result' | 'sent';

/**
 * Steps in place, one at a time in each workflow: the SDK gives results of local activities in the order in which they come, and those of
 * a replay in the order in which they were asked for (https://github.com/temporalio/sdk-python/issues/1578 is the same in
 * Python). Two at once, each with something that follows, would be a history that no other worker can go on with.
 *
 * Once the order is kept, what comes in from outside takes turns as well: each goes on when no step is in place, and when nothing more follows from
 * what went on before it.
 */
export class InPlaceLock {
  /** The order of histories that were begun without {@link keepOrder}: who waits goes on before what follows from a step. */
  readonly #mutex = new Mutex();
  readonly #waiting: { place: number }[] = [];
  #activations = 0;
  #isTaken = false;
  #hasJustLet = false;
  #isOrderKept = false;

  keepOrder(): void {
    this.#isOrderKept = true;
  }

  get isOrderKept(): boolean {
    return this.#isOrderKept;
  }

  /** No step is in place. */
  get isFree(): boolean {
    return !this.#isTaken && this.#mutex.isFree;
  }

  /** What follows from a step makes the next one at once; who waits comes after that. */
  async run<T>(step: () => Promise<T>): Promise<T> {
    if (!this.#isOrderKept) return this.#mutex.run(step);
    if (this.isFree) this.#isTaken = true;
    else await this.#turn(FIRST, () => (this.#isTaken = true));
    try {
      return await step();
    } finally {
      this.#isTaken = false;
    }
  }

  /** Until no step is in place, and what follows from the last one was begun. */
  untilFree(): Promise<void> {
    return CancellationScope.nonCancellable(() => condition(() => this.isFree));
  }

  /** Something has come in, of which several things may follow. */
  countActivation(): void {
    this.#activations += 1;
  }

  /**
   * Until it is the turn of what has come in, once the order is kept. Of what came together results go first: a replay is told together of what came
   * one after the other, where nothing followed from the first, and is told of what was sent before it is told of results.
   */
  async turn(of: Incoming): Promise<void> {
    if (this.#isOrderKept) await this.#turn(2 * this.#activations + (of === 'result' ? 0 : 1));
  }

  /**
   * Until nothing else goes on, one after the other. The SDK looks at conditions when nothing is left to do, and at all of them at once: only one
   * of them may be let go on before what follows from it is done.
   */
  #turn(place: number, take: () => void = () => undefined): Promise<void> {
    const own = { place };
    this.#waiting.push(own);
    let isFirstLook = true;
    const isNext = (): boolean => {
      // When a condition is made there is something going on: whatever makes it.
      if (isFirstLook) {
        isFirstLook = false;
        return false;
      }
      if (!this.isFree || this.#hasJustLet || this.#next !== own) return false;
      this.#waiting.splice(this.#waiting.indexOf(own), 1);
      this.#hasJustLet = true;
      void Promise.resolve().then(() => (this.#hasJustLet = false));
      take();
      return true;
    };
    return CancellationScope.nonCancellable(() => condition(isNext));
  }

  /** Of those with the same place, who has waited longest. */
  get #next(): object | undefined {
    const least = Math.min(...this.#waiting.map(({ place }) => place));
    return this.#waiting.find(({ place }) => place === least);
  }
}

/** Modules are those of all workflows of a thread; what is global, each has for itself. */
export function inPlaceLock(): InPlaceLock {
  const own = globalThis as { supplantInPlace?: InPlaceLock };
  own.supplantInPlace ??= new InPlaceLock();
  return own.supplantInPlace;
}
