import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';

/**
 * What watches the service demands the end of a rollout that does not go back by itself: what is under way fails then, as by
 * a check, and what follows a failure follows.
 */
export class Demands {
  #work: CancellationScope | undefined;
  #because: string | undefined;

  /** Why what is under way is to fail; undefined where nobody has demanded that. */
  get because(): string | undefined {
    return this.#because;
  }

  make(because: string): void {
    this.#because = because;
    this.#work?.cancel();
  }

  /**
   * Carries out what may be ended by a demand.
   *
   * @throws ApplicationFailure `Demanded` where it was; what it did is called off
   */
  async heed<T>(body: () => Promise<T>): Promise<T> {
    const work = new CancellationScope();
    this.#work = work;
    try {
      // One that came between two of them counts for the next.
      this.#requireNone();
      const result = await work.run(body);
      // The last of it may have finished although it was called off.
      this.#requireNone();
      return result;
    } catch (error) {
      if (isCancellation(error)) this.#requireNone();
      throw error;
    } finally {
      this.#work = undefined;
      this.#because = undefined;
    }
  }

  #requireNone(): void {
    const message = this.#because;
    if (message !== undefined) throw ApplicationFailure.create({ type: 'Demanded', message, nonRetryable: true });
  }
}
