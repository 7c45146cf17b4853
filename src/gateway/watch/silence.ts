import { SILENCE_MS } from './break-silence.ts';

/** Knows when a stream has been silent for too long. */
export class Silence {
  #since = performance.now();

  broken(): void {
    this.#since = performance.now();
  }

  /** Milliseconds until it is too long; 0 when it is. */
  get left(): number {
    // Timers take whole milliseconds.
    return Math.max(0, Math.ceil(this.#since + SILENCE_MS - performance.now()));
  }
}

/** Asked anew each time: the compiler takes what a signal said once for what it says for ever. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
