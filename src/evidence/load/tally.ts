import { type LoadMeasurement, MOST_SAMPLES } from '../../domain/experiment/measurement.ts';
import type { LoadProbe } from '../../domain/experiment/probe.ts';
import { describeFailure, ErrorKinds } from './error-kinds.ts';
import { EvenSample } from './even-sample.ts';
import { Latencies } from './latencies.ts';
import type { Ending } from './request.ts';

/**
 * A request that is sent this much after its moment is late, in milliseconds: two intervals at 200 a second. From there on
 * requests go out in bunches, and what is measured is another load than the one that was asked for. Timers of Node are up
 * to 1 ms late anyway, and collections of garbage take a few more.
 */
export const LATE_MS = 10;
/**
 * Of what a request is sent after its moment, this much is not counted, in milliseconds: Node's timers know no parts of a
 * millisecond, and a fast answer would seem to take twice as long as it does.
 */
const TIMER_GRAIN_MS = 1;

/** When one request was to be sent, and was, on the clock of `performance.now()`. */
export interface Sending {
  /** From 0 on, without the warm-up. */
  index: number;
  due: number;
  sent: number;
}

/** What a load has found so far. */
export class LoadTally {
  readonly #probe: LoadProbe;
  readonly #requests: number;
  readonly #errors = new ErrorKinds();
  readonly #latencies: Latencies;
  readonly #sample: EvenSample;
  #late = 0;
  #answered = 0;
  #sent = 0;

  constructor(probe: LoadProbe, requests: number) {
    this.#probe = probe;
    this.#requests = requests;
    this.#latencies = new Latencies(requests);
    this.#sample = new EvenSample(requests, MOST_SAMPLES);
  }

  send({ due, sent }: Sending): void {
    this.#sent += 1;
    if (sent - due > LATE_MS) this.#late += 1;
  }

  end({ index, due, sent }: Sending, ended: number, ending: Ending): void {
    if (ending.kind === 'answered') this.#answered += 1;
    const what = describeError(this.#probe, ending);
    if (what !== undefined) {
      this.#errors.add(what);
      return;
    }
    const latency = ended - Math.min(sent, due + TIMER_GRAIN_MS);
    this.#latencies.record(latency);
    this.#sample.offer(index, latency);
  }

  get progress(): { sent: number; answered: number; errors: number } {
    return { sent: this.#sent, answered: this.#answered, errors: this.#errors.total };
  }

  measurement(variant: string, from: Date, to: Date): LoadMeasurement {
    const latency = this.#latencies.summarize();
    return {
      kind: 'load',
      variant,
      probe: this.#probe.name,
      from: from.toISOString(),
      to: to.toISOString(),
      requests: this.#requests,
      errors: this.#errors.total,
      errorKinds: this.#errors.list(),
      late: this.#late,
      ...(latency === undefined ? {} : { latency: mapValues(latency, roundMs) }),
      samples: this.#sample.list().map(roundMs),
    };
  }
}

function describeError({ status, timeoutMs }: LoadProbe, ending: Ending): string | undefined {
  if (ending.kind === 'failed') return describeFailure(ending.error);
  if (ending.kind === 'unanswered') return `no answer in ${timeoutMs} ms`;
  return status.includes(ending.status) ? undefined : `status ${ending.status}`;
}

/** To microseconds: more is noise, and a third of the JSON. */
function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function mapValues<T extends object>(of: T, change: (value: number) => number): T {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value as number)])) as T;
}
