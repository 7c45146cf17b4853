import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../contract/supplant-client.ts';
import type { InterruptSignal } from './context.ts';
import { EXIT, exitCodeOfSignal } from './exit-codes.ts';
import type { Session } from './session.ts';

/** Why waiting ended before what was waited for: the time, a signal, or nobody who reads. */
export type Cut = 'timed-out' | InterruptSignal | 'unread';

/** Raised inside {@link runUntilCut} work when it is cut short. */
export class CutShort extends Error {
  override readonly name = 'CutShort';
  readonly cut: Cut;

  constructor(cut: Cut) {
    super(cut);
    this.cut = cut;
  }
}

export function exitCodeOfCut(cut: Cut): number {
  if (cut === 'timed-out') return EXIT.timedOut.code;
  return cut === 'unread' ? EXIT.unread.code : exitCodeOfSignal(cut);
}

export interface Limits {
  timeoutMs?: number;
  /** For work that only shows something: it ends when this aborts. */
  unread?: AbortSignal;
}

/** Runs `work` until it ends, or is cut short. Returns how it was, else its result. */
export async function runUntilCut<Result>(
  session: Session,
  { timeoutMs, unread }: Limits,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<{ result: Result } | { cut: Cut }> {
  const controller = new AbortController();
  const end = (cut: Cut): void => controller.abort(new CutShort(cut));
  using _listening = session.context.onInterrupt(end);
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timed-out'), timeoutMs);
  const goneUnread = (): void => end('unread');
  unread?.addEventListener('abort', goneUnread, { once: true });
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
    unread?.removeEventListener('abort', goneUnread);
    controller.abort(new CutShort('SIGINT'));
  }
}

/** Calls `look` again and again until it says that it is done, or the signal aborts. */
export async function pollUntil(pauseMs: number, signal: AbortSignal, look: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted) {
    if (await look()) return;
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A look that found nobody home is repeated; anything else is an error. */
export function isPassing(error: unknown): error is ApiError {
  return error instanceof ApiError && error.reason === 'UNAVAILABLE';
}
