/** What is to be sent, and when: `count` times at even distances. */
export interface Pace {
  /** On the clock of `performance.now()`. */
  begin: number;
  /** Between two, in milliseconds. */
  intervalMs: number;
  count: number;
}

/**
 * As many are sent in one turn of the event loop, where many are due: after a halt of the process, what else it does is not
 * to wait for all of them.
 */
const MOST_AT_ONCE = 100;

/**
 * Calls `send` at each moment, or as soon after it as the event loop comes to it; never before, and whatever became of those
 * sent before.
 * @throws the signal's reason when it is aborted
 */
export async function keepPace(
  { begin, intervalMs, count }: Pace,
  signal: AbortSignal,
  send: (index: number, due: number) => void,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const dueAt = (index: number): number => begin + index * intervalMs;
  let next = 0;
  let stop = (): void => undefined;
  const turn = (): void => {
    const end = Math.min(count, next + MOST_AT_ONCE);
    for (; next < end && dueAt(next) <= performance.now(); next += 1) send(next, dueAt(next));
    if (next === count) resolve(undefined);
    else stop = wake(turn, dueAt(next) - performance.now());
  };
  const halt = (): void => {
    stop();
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', halt, { once: true });
  turn();
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', halt);
  }
}

/** Rounded down: a timer that comes too early is set again, one that comes too late cannot be made up for. */
function wake(turn: () => void, waitMs: number): () => void {
  if (waitMs <= 0) {
    const immediate = setImmediate(turn);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(turn, Math.max(1, Math.trunc(waitMs)));
  return () => clearTimeout(timer);
}
