import { SeriesCount } from './series-count.ts';

/** Counts one revision's requests. Kept for as long as the router runs, also while the revision is in no route. */
export class TrafficCount {
  inFlight = 0;
  /** Of those in flight, the connections that changed their protocol. */
  upgraded = 0;
  served = 0;
  readonly series = new SeriesCount();
  /** When a request was not answered last. */
  lastFailedAt: Date | undefined;
  #failed = 0;
  readonly #whenIdle = new Set<() => void>();

  get failed(): number {
    return this.#failed;
  }

  set failed(count: number) {
    this.#failed = count;
    this.lastFailedAt = new Date();
  }

  begin(): void {
    this.served += 1;
    this.inFlight += 1;
  }

  end(): void {
    this.inFlight -= 1;
    if (this.inFlight > 0) return;
    for (const tell of this.#whenIdle) tell();
  }

  /** Resolves as soon as nothing is in flight, after `deadlineMs`, or when the signal fires, whichever is first. */
  async idle(deadlineMs: number, signal: AbortSignal): Promise<void> {
    if (this.inFlight === 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const over = () => resolve(undefined);
    const timer = setTimeout(over, deadlineMs);
    this.#whenIdle.add(over);
    signal.addEventListener('abort', over);
    await promise;
    clearTimeout(timer);
    this.#whenIdle.delete(over);
    signal.removeEventListener('abort', over);
  }
}
