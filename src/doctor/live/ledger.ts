import { setTimeout as sleep } from 'node:timers/promises';
import { wordsOf } from './finding.ts';

/** Something that was made, or may have been: it is noted before the call that makes it, whose answer may be lost. */
export interface LiveThing {
  /** For people: `target group live-doctor-3f9a1c-0b1c2d-r1`. */
  label: string;
  /** Succeeds where it is gone already, or was never made. */
  remove(): Promise<void>;
  isGone(): Promise<boolean>;
  /** What removes it by hand. */
  command: string;
}

/** What could not be removed. */
export interface LeftThing {
  label: string;
  because: string;
  command: string;
}

export interface ClearLimits {
  /** For how long it is tried, in milliseconds. AWS lets go of a target group some time after its load balancer has gone. */
  limitMs: number;
  /** From the first round to the second; each pause is twice as long, up to ten seconds. */
  pauseMs: number;
  /** Until the last look: AWS may show late what it has just made, as by a call whose answer was lost. */
  lateMs: number;
}

const CLEAR: ClearLimits = { limitMs: 300_000, pauseMs: 250, lateMs: 2_000 };
const LONGEST_PAUSE_MS = 10_000;

/** To ask again does not help. */
const FINAL = /AccessDenied|Unauthorized|not authorized/;

/** What a look into a real account has to take away again, whatever becomes of the look. */
export class Ledger {
  readonly #things: LiveThing[] = [];

  note(thing: LiveThing): void {
    this.#things.push(thing);
  }

  /**
   * Removes everything, round after round: some things cannot go before what uses them has gone. What is gone is what the
   * account does not show any more, not what a call was accepted for.
   */
  async clear(limits: ClearLimits = CLEAR): Promise<LeftThing[]> {
    if (this.#things.length === 0) return [];
    const left = await clearAll(this.#things, limits);
    await sleep(limits.lateMs);
    const late: LiveThing[] = [];
    for (const thing of this.#things) {
      const isKnown = left.some((each) => each.label === thing.label);
      if (!isKnown && !(await thing.isGone().catch(() => false))) late.push(thing);
    }
    return [...left, ...(await clearAll(late, limits))];
  }
}

async function clearAll(things: readonly LiveThing[], { limitMs, pauseMs }: ClearLimits): Promise<LeftThing[]> {
  const end = performance.now() + limitMs;
  let left = things.map((thing) => ({ thing, because: '' }));
  for (let pause = pauseMs; left.length > 0; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const tried: typeof left = [];
    for (const { thing } of left) {
      const because = await remove(thing);
      if (because !== undefined) tried.push({ thing, because });
    }
    left = tried;
    const isHopeless = left.every(({ because }) => FINAL.test(because));
    if (isHopeless || performance.now() + pause >= end) break;
    await sleep(pause);
  }
  return left.map(({ thing: { label, command }, because }) => ({ label, because, command }));
}

/** Why it is there still; undefined where it is not. */
async function remove(thing: LiveThing): Promise<string | undefined> {
  try {
    await thing.remove();
    return (await thing.isGone()) ? undefined : 'AWS has accepted that it goes, and shows it still';
  } catch (error) {
    return wordsOf(error);
  }
}
