import type { LoadMeasurement } from '../../domain/experiment/measurement.ts';
import type { LoadProbe } from '../../domain/experiment/probe.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import { keepPace } from './pace.ts';
import type { Ending } from './request.ts';
import { LoadTally } from './tally.ts';
import { openTargets, type Targets } from './targets.ts';

/** How far a load is, without its warm-up. */
export interface LoadProgress {
  sent: number;
  answered: number;
  errors: number;
}

const REPORT_MS = 1_000;

/**
 * Sends a load to a variant, over its endpoints in turn, and measures how it is answered. Requests are sent at the probe's
 * rate whatever becomes of those before, and their latencies and time-outs count from the moment at which each was to be
 * sent: a variant that halts for a second has halted for all who came in that second
 * (https://www.scylladb.com/2021/04/22/on-coordinated-omission/). Redirects are answers. What is under way when the time is
 * over is waited for, until its time-out.
 *
 * It shares its process with other work. At 200 a second it took a tenth of a core, and at 1,000 a sixth (0.55 and 0.17 ms
 * of CPU for a request) beside a load of 12 on two cores; other work waited 1 ms for its turn, 99 of 100 times at most 12.
 * What was sent later than is fair to a service is counted as late.
 *
 * @param onProgress called once a second, in the warm-up, too
 * @throws Error where there is no endpoint
 * @throws the signal's reason when it is aborted; nothing is measured then, and no socket is left
 */
export async function runLoad(
  probe: LoadProbe,
  { variant, endpoints }: { variant: string; endpoints: readonly Endpoint[] },
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void = () => undefined,
): Promise<LoadMeasurement> {
  if (endpoints.length === 0) throw new Error(`variant ${variant} has no endpoint that a load could be sent to`);
  signal.throwIfAborted();
  const requests = countRequests(probe, probe.forMs);
  const tally = new LoadTally(probe, requests);
  const targets = openTargets(probe, endpoints);
  const report = setInterval(() => onProgress(tally.progress), REPORT_MS);
  try {
    const from = await sendAll(probe, requests, targets, tally, signal);
    return tally.measurement(variant, from, new Date());
  } finally {
    clearInterval(report);
    await targets.close();
  }
}

/** When the part that counts began. */
async function sendAll(
  probe: LoadProbe,
  requests: number,
  targets: Targets,
  tally: LoadTally,
  signal: AbortSignal,
): Promise<Date> {
  const warmUp = countRequests(probe, probe.warmUpMs);
  const answers = new Answers(signal);
  const pace = { begin: performance.now(), intervalMs: 1000 / probe.rate, count: warmUp + requests };
  const from = new Date(Date.now() + warmUp * pace.intervalMs);
  await keepPace(pace, signal, (place, due) => {
    const sending = { index: place - warmUp, due, sent: performance.now() };
    const isCounted = place >= warmUp;
    if (isCounted) tally.send(sending);
    answers.add();
    targets.send(place, due + probe.timeoutMs - sending.sent, (ending: Ending) => {
      if (isCounted) tally.end(sending, performance.now(), ending);
      answers.done();
    });
  });
  await answers.none();
  return from;
}

function countRequests({ rate }: LoadProbe, ms: number): number {
  return Math.round((rate * ms) / 1000);
}

/** How many answers are still to come. */
class Answers {
  #open = 0;
  readonly #signal: AbortSignal;
  #change = (): void => undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(): void {
    this.#open += 1;
  }

  done(): void {
    this.#open -= 1;
    this.#change();
  }

  /** @throws the signal's reason when it is aborted before */
  async none(): Promise<void> {
    const signal = this.#signal;
    await new Promise<void>((resolve, reject) => {
      const halt = (): void => reject(signal.reason as Error);
      this.#change = () => {
        if (this.#open > 0) return;
        signal.removeEventListener('abort', halt);
        resolve();
      };
      signal.addEventListener('abort', halt, { once: true });
      this.#change();
    });
    signal.throwIfAborted();
  }
}
