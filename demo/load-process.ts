/** The load generator, in a process of its own, so that nothing else the demo does delays a request. */
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { LoadCounts, type LoadReport } from './load-counts.ts';

export interface LoadTask {
  origin: string;
  perSecond: number;
}

export type LoadMessage = { kind: 'report'; report: LoadReport } | { kind: 'final'; report: LoadReport };

const REQUEST = { path: '/package.json', method: 'GET', headers: { 'user-agent': 'supplant-demo' } } as const;
/** Longer than any pause a person would wait for. */
const TIMEOUT_MS = 5000;
const REPORT_EVERY_MS = 250;
/**
 * As many are sent in one turn of the event loop, where many are due: on a machine so busy that they fall due faster than
 * they are sent, no answer would ever be read.
 */
const MOST_AT_ONCE = 50;

class Load {
  readonly #pool: Pool;
  readonly #perSecond: number;
  readonly #began = performance.now();
  readonly #counts = new LoadCounts(this.#began);
  readonly #underWay = new Set<Promise<void>>();
  #due = 0;
  #over = false;

  constructor({ origin, perSecond }: LoadTask) {
    this.#pool = new Pool(origin, {
      connect: { timeout: TIMEOUT_MS },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    this.#perSecond = perSecond;
  }

  /** Sends what is due, whether or not earlier answers have come. */
  tick(): void {
    if (this.#over) return;
    const end = this.#due + MOST_AT_ONCE;
    for (let due = this.#nextDue(); this.#due < end && due <= performance.now(); due = this.#nextDue()) {
      this.#due += 1;
      const request = this.#send(due);
      this.#underWay.add(request);
      void request.finally(() => this.#underWay.delete(request));
    }
    setTimeout(() => this.tick(), 1);
  }

  report(whole: boolean): LoadReport {
    return this.#counts.report(performance.now(), whole);
  }

  async stop(): Promise<LoadReport> {
    this.#over = true;
    await Promise.all(this.#underWay);
    const report = this.report(true);
    await this.#pool.destroy();
    return report;
  }

  #nextDue(): number {
    return this.#began + (this.#due * 1000) / this.#perSecond;
  }

  /** Its time begins when it was due: a stall counts for all that had to wait behind it. */
  async #send(due: number): Promise<void> {
    this.#counts.sent();
    const sentAt = Date.now();
    const latency = (): number => performance.now() - due;
    try {
      const { statusCode, body } = await this.#pool.request({ ...REQUEST, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const version = versionOf(await body.text());
      if (statusCode !== 200) this.#counts.failedWith(`answered ${statusCode}`, new Date(), latency());
      else if (version === undefined) this.#counts.failedWith('answered something else', new Date(), latency());
      else this.#counts.answered(version, sentAt, latency());
    } catch (error) {
      this.#counts.failedWith(nameOf(error), new Date(), latency());
    }
  }
}

/** The page is the server's own package.json: the answer says who gave it. */
function versionOf(body: string): string | undefined {
  return /"name": "http-server",\s+"version": "([^"]+)"/.exec(body)?.[1];
}

function nameOf(error: unknown): string {
  const { code, message, name } = error as NodeJS.ErrnoException;
  return name === 'TimeoutError' ? `no answer in ${TIMEOUT_MS} ms` : `${code ?? name}: ${message}`;
}

let load: Load | undefined;

process.on('message', (message: LoadTask | 'stop') => {
  const tell = (kind: LoadMessage['kind'], report: LoadReport): void => void process.send?.({ kind, report });
  if (message !== 'stop') {
    load = new Load(message);
    load.tick();
    setInterval(() => load && tell('report', load.report(false)), REPORT_EVERY_MS).unref();
  } else {
    void load?.stop().then((report) => {
      load = undefined;
      tell('final', report);
    });
  }
});
process.once('disconnect', () => process.exit());
// Ctrl-C reaches the whole terminal; the demo decides when its load ends.
process.on('SIGINT', () => undefined);
