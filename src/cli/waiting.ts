import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../client/api.ts';
import type { Session } from './session.ts';

/** Why waiting ended before what was waited for. */
export type Cut = 'timed-out' | 'interrupted';

/** Raised inside {@link untilCut} work when it is cut short. */
export class CutShort extends Error {
  override readonly name = 'CutShort';
  readonly cut: Cut;

  constructor(cut: Cut) {
    super(cut);
    this.cut = cut;
  }
}

/** Runs `work` until it ends, the person interrupts, or the time is over. Returns how it was cut short, else its result. */
export async function untilCut<Result>(
  session: Session,
  timeoutMs: number | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<{ result: Result } | { cut: Cut }> {
  const controller = new AbortController();
  const end = (cut: Cut): void => controller.abort(new CutShort(cut));
  using _listening = session.context.onInterrupt(() => end('interrupted'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timed-out'), timeoutMs);
  const { signal } = controller;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as CutShort), { once: true });
  });
  try {
    return { result: await Promise.race([work(signal), aborted]) };
  } catch (error) {
    if (signal.aborted) return { cut: (signal.reason as CutShort).cut };
    throw error;
  } finally {
    clearTimeout(timer);
    controller.abort(new CutShort('interrupted'));
  }
}

/** Calls `look` again and again until it says that it is done, or the signal aborts. */
export async function poll(pauseMs: number, signal: AbortSignal, look: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted) {
    if (await look()) return;
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A look that found nobody home is repeated; anything else is an error. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'UNAVAILABLE';
}
