import { setTimeout as sleep } from 'node:timers/promises';
import { computeBackoffMs } from '../domain/backoff.ts';
import { toApiError } from './remote-errors.ts';

/** Pause before a lost watch is taken up again, in milliseconds; doubles up to the longest. */
const SHORTEST_MS = 200;
const LONGEST_MS = 5000;
/** Gateways break a silence of 15 seconds: after three times that, nobody is there any more. */
const SILENCE_MS = 45_000;

/**
 * What a stream of a gateway says, until its last message or until `signal` aborts. Taken up again whenever it is lost,
 * whatever happens to connections and gateways meanwhile.
 */
export async function* watchRemotely<Message>(
  watch: (signal: AbortSignal) => AsyncIterable<Message>,
  isLast: (message: Message) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<Message> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const lost = new AbortController();
    const timer = setTimeout(() => lost.abort(), SILENCE_MS);
    try {
      const messages = watch(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
      for await (const message of messages) {
        timer.refresh();
        attempt = 0;
        yield message;
        if (isLast(message)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      const failure = toApiError(error);
      if (failure.reason !== 'UNAVAILABLE') throw failure;
    } finally {
      clearTimeout(timer);
    }
    await sleep(computeBackoffMs(Math.max(1, attempt), SHORTEST_MS, LONGEST_MS), undefined, signal ? { signal } : {});
  }
}
