import type { QueryFields } from './query-protocol.ts';

/** Stands for eventual consistency: for a while after a write, reads may show what was there before it. */
export class LateReads {
  /** For how long, in milliseconds; 0 shows every write at once. */
  lateMs = 0;
  readonly #before = new Map<string, { until: number; state: QueryFields }>();

  /** Keeps what a rule or listener was before a write. Of several writes in a row, each shows the one before the first. */
  keep(arn: string, state: QueryFields): void {
    if (this.lateMs <= 0) return;
    const until = performance.now() + this.lateMs;
    const kept = this.#before.get(arn);
    const isStillShown = kept !== undefined && kept.until > performance.now();
    this.#before.set(arn, { until, state: isStillShown ? kept.state : state });
  }

  /** Every write is seen from now on. */
  forget(): void {
    this.lateMs = 0;
    this.#before.clear();
  }

  /** What readers are shown instead, where they are. */
  show(arn: string): QueryFields | undefined {
    const kept = this.#before.get(arn);
    return kept !== undefined && kept.until > performance.now() ? kept.state : undefined;
  }
}
