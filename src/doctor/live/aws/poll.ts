import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Asks until it is so, ever more seldom.
 * @returns how long that took, in milliseconds; undefined where it was not so in time
 * @throws the signal's reason once it is aborted
 */
export async function pollFact(
  limitMs: number,
  signal: AbortSignal,
  isSo: () => Promise<boolean>,
): Promise<number | undefined> {
  const began = performance.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (await isSo()) return Math.round(performance.now() - began);
    if (performance.now() - began + pause >= limitMs) return undefined;
    await sleep(pause, undefined, { signal });
  }
}
