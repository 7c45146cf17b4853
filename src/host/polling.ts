import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `fact` holds or `limitMs` has passed; says whether it holds. */
export async function waitUntil(limitMs: number, fact: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
    if (await fact()) return true;
    const left = end - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left));
  }
}
