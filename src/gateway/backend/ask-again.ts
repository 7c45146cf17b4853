import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Milliseconds between tries. The first comes at once: most causes are over by then. A service that ends its run while more
 * and more comes in fails a few tasks in a row, until there is a moment in which nothing does.
 */
const PAUSES_MS = [0, 50, 100, 200, 400, 800, 1_600] as const;

/** Asks, and again for some three seconds as long as it fails with what `helps` says may be over the next time. */
export async function askAgain<T>(ask: () => Promise<T>, helps: (error: unknown) => boolean): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!helps(error)) throw error;
    }
    await sleep(pause);
  }
  return ask();
}
