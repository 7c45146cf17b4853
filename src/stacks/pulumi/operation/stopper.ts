import type { EventLog } from './engine-events.ts';

/** How long an operation may be silent before it counts as hung. */
export interface SilenceLimits {
  /** When nothing is in flight: a program that waits for nothing. In milliseconds. */
  idleMs: number;
  /** When a step is in flight: how long a provider may take without a word. In milliseconds. */
  stepMs: number;
}

const WATCH_MS = 1_000;

/** Ends an operation when its caller wants it, or when it hangs. */
export class Stopper {
  readonly #events: EventLog;
  readonly #limits: SilenceLimits;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#stop('caller');
  #timer: NodeJS.Timeout | undefined;
  #end: (() => Promise<void>) | undefined;
  #stopping: Promise<unknown> | undefined;
  stopped: 'caller' | 'hung' | undefined;

  constructor(events: EventLog, limits: SilenceLimits, signal: AbortSignal) {
    this.#events = events;
    this.#limits = limits;
    this.#signal = signal;
  }

  /** @param end how it is ended. That it cannot be ended at all is told by the next operation's recovery. */
  watch(end: () => Promise<void>): void {
    this.#end = end;
    this.#events.lastAt = performance.now();
    this.#timer = setInterval(() => this.#look(), WATCH_MS);
    if (this.#signal.aborted) this.#stop('caller');
    else this.#signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Ends the watch, and waits for a stop under way. */
  async done(): Promise<void> {
    clearInterval(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    await this.#stopping;
  }

  #look(): void {
    const limit = this.#events.stepsInFlight > 0 ? this.#limits.stepMs : this.#limits.idleMs;
    if (performance.now() - this.#events.lastAt > limit) this.#stop('hung');
  }

  #stop(why: 'caller' | 'hung'): void {
    if (!this.#end || this.#stopping) return;
    this.stopped = why;
    this.#stopping = this.#end().catch(() => undefined);
  }
}
