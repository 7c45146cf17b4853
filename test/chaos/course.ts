import { setTimeout as sleep } from 'node:timers/promises';
import type { Receipt } from '../../src/domain/service/requests.ts';
import type { Ended } from './checks/outcomes.ts';
import type { Finding } from './findings.ts';
import type { Life } from './life.ts';
import type { PlannedFault, Step } from './plan.ts';
import type { Traffic } from './traffic.ts';

/** For a rollout to come to its end once nothing is broken any more. */
export const END_MS = 120_000;
/**
 * For what goes on by itself after the last rollout: a stack that is on its way out. One that was quarantined after three
 * attempts on a full disk is tried again two minutes later.
 */
const SETTLE_MS = 200_000;
/** Each look reads stores, processes and histories, which the others of a busy machine would miss. */
const LOOK_PAUSES_MS = { first: 50, longest: 1_000 };

type Timed = Pick<PlannedFault, 'step' | 'delayMs'>;

/** What people do, and what breaks meanwhile. */
export interface Course<Fault extends Timed> {
  steps: readonly Step[];
  faults: readonly Fault[];
}

/** Step after step; each fault strikes at its time after the request of its step was sent. */
export async function live<Fault extends Timed>(
  { steps, faults }: Course<Fault>,
  life: Life,
  { traffic, strike }: { traffic: Traffic; strike: (fault: Fault) => void },
): Promise<Ending[]> {
  const endings: Ending[] = [];
  for (const [number, { wish, wait }] of steps.entries()) {
    const due = faults.filter(({ step }) => step === number);
    const striking = Promise.all(
      due.map(async (fault) => {
        await sleep(fault.delayMs);
        strike(fault);
      }),
    );
    const answer = await life.carryOut(wish);
    const ending: Ending = { answer, how: undefined, end: Promise.resolve() };
    if ('receipt' in answer) ending.end = endOf(life, ending, answer.receipt);
    endings.push(ending);
    if (wait) {
      // What is behind a paused rollout would wait for ever.
      await life.resume();
      await ending.end;
    }
    await striking;
    if (number === 0) traffic.to(await life.address());
  }
  return endings;
}

export interface Ending extends Ended {
  end: Promise<void>;
}

async function endOf(life: Life, ending: Ending, receipt: Receipt): Promise<void> {
  try {
    ending.how = await life.endOf(receipt, AbortSignal.timeout(END_MS + SETTLE_MS));
  } catch (error) {
    ending.error = (error as Error).message;
  }
}

/** Facts that come true by themselves get time for it; what is wrong at the end of it stays wrong. */
export async function settled<Seen>(
  look: () => Promise<Seen>,
  judges: ((seen: Seen) => Finding[])[],
): Promise<Finding[]> {
  const end = performance.now() + SETTLE_MS;
  for (let pause = LOOK_PAUSES_MS.first; ; pause = Math.min(pause * 1.5, LOOK_PAUSES_MS.longest)) {
    const isLast = performance.now() > end;
    // What is struck, or a machine that is busy, may keep anybody from looking for a moment.
    const seen = await look().catch((error: unknown) => {
      if (isLast) throw error;
      return undefined;
    });
    const found = seen && judges.flatMap((judge) => judge(seen));
    if (found?.length === 0 || (found && isLast)) return found;
    await sleep(pause);
  }
}
