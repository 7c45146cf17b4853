/** Attempts in a row that failed in the same words. */
export interface AlikeFailures {
  /** What they ended with, without its figures. */
  words: string;
  count: number;
  /** When the first of them ended, in milliseconds since the epoch. */
  since: number;
}

/** When failures that are alike are no longer taken for passing. */
export interface AlikeLimit {
  attempts: number;
  /** How long they must have gone on at least, in milliseconds: a machine may be busy for a while. */
  forMs: number;
}

/** With pauses that double from 200 ms, ten attempts take about two minutes. */
export const ALIKE_LIMIT: AlikeLimit = { attempts: 10, forMs: 120_000 };

/** What passes with a machine's trouble, however long that lasts: a full disk, no memory, too many files or processes. */
const OF_THE_MACHINE =
  /ENOSPC|no space left|disk is full|quota exceeded|ENOMEM|cannot allocate memory|out of memory|EMFILE|ENFILE|too many open files|EAGAIN|resource temporarily unavailable/i;

/** Counts one more failure; another one than before begins anew, and what is the machine's trouble is not counted. */
export function countAlike(before: AlikeFailures | undefined, message: string, now: number): AlikeFailures | undefined {
  if (OF_THE_MACHINE.test(message)) return undefined;
  const words = wordsOf(message);
  return before?.words === words ? { ...before, count: before.count + 1 } : { words, count: 1, since: now };
}

/** Whether the next attempt may be expected to end the same way. */
export function isHopeless({ count, since }: AlikeFailures, now: number, limit: AlikeLimit): boolean {
  return count >= limit.attempts && now - since >= limit.forMs;
}

const MOST_CHARS = 300;

/** Pids, ports, times and digests differ from one attempt to the next. */
function wordsOf(message: string): string {
  return message.replace(/\b(?=[0-9a-f]*\d)[0-9a-f]+\b|\d+/gi, '#').slice(0, MOST_CHARS);
}
