import type { Verdict } from '../domain/evidence/checks.ts';
import { judgeAlarm } from '../domain/evidence/metrics.ts';
import { type AlarmProvider, MetricsUnavailableError } from '../evidence/metrics/provider.ts';

/** Alarms are evaluated once a minute at best, and asking for them costs money. */
const LOOK_EVERY_MS = 10_000;

/** Looks at alarms while a revision bakes. */
export class AlarmWatch {
  readonly #provider: AlarmProvider;
  readonly #names: readonly string[];
  readonly #revision: number;
  readonly #from: string;
  #lookedAt = -Infinity;

  constructor(
    provider: AlarmProvider,
    names: readonly string[],
    { revision, from }: { revision: number; from: string },
  ) {
    this.#provider = provider;
    this.#names = names;
    this.#revision = revision;
    this.#from = from;
  }

  /**
   * What they say by now. Before the bake is over only those that went off count: many have no data at its beginning.
   * Whether anybody answers has to be known at its end.
   */
  async look(isOver: boolean, signal: AbortSignal): Promise<Verdict[]> {
    const isDue = isOver || performance.now() - this.#lookedAt >= LOOK_EVERY_MS;
    if (this.#names.length === 0 || !isDue) return [];
    this.#lookedAt = performance.now();
    const window = { from: this.#from, to: new Date().toISOString() };
    try {
      const alarms = await this.#provider.readAlarms(this.#names, window, signal);
      const verdicts = alarms.map((alarm) => judgeAlarm(this.#revision, alarm, window));
      return isOver ? verdicts : verdicts.filter(({ verdict }) => verdict === 'fail');
    } catch (error) {
      if (!(error instanceof MetricsUnavailableError)) throw error;
      if (!isOver) return [];
      const about = { revision: this.#revision, attempts: 1, passed: 0, ...window };
      return [{ check: 'alarms', verdict: 'inconclusive', evidence: error.message, ...about }];
    }
  }
}
