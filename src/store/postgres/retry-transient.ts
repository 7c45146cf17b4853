import { setTimeout as pause } from 'node:timers/promises';
import { isTransient } from './failures.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/**
 * Carries out `work`, again and again while what is in the way passes by itself: a server that restarts, a connection
 * that was lost. Then fails as the last attempt did.
 */
export async function retryTransient<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || performance.now() + wait >= deadline) throw error;
      // Many that lost the same server must not come back at the same moment.
      await pause(wait * (0.5 + Math.random() / 2));
    }
  }
}
