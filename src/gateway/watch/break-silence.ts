/** A message is sent after this much silence, in milliseconds, so that both ends notice when the other is gone. */
export const SILENCE_MS = 15_000;

/** What comes, and `undefined` whenever nothing has come for so long, in milliseconds. */
export async function* breakSilence<T extends object>(
  items: AsyncIterable<T>,
  silenceMs = SILENCE_MS,
): AsyncGenerator<T | undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const found = await unlessSilent(next, silenceMs);
      if (!found) yield undefined;
      else if (found.done === true) return;
      else {
        yield found.value;
        next = iterator.next();
      }
    }
  } finally {
    // Whoever made it ends by its own signal: it may be waiting for long.
    next.catch(() => undefined);
    void iterator.return?.(undefined);
  }
}

async function unlessSilent<T>(next: Promise<T>, silenceMs: number): Promise<T | undefined> {
  const { promise: silence, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), silenceMs);
  try {
    return await Promise.race([next, silence]);
  } finally {
    clearTimeout(timer);
  }
}
