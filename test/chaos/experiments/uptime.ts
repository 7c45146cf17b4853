import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../processes.ts';

const PAUSE_MS = 250;

/** Without one of them nothing is destroyed. */
const NEEDED = ['dev', 'temporal', 'worker'] as const;

interface Span {
  from: number;
  to: number;
}

/** Tells in which time an installation could work: whoever is killed cannot be on time. All times are the clock's. */
export class Uptime {
  readonly #root: string;
  readonly #down: Span[] = [];
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;

  private constructor(root: string) {
    this.#root = root;
    this.#watching = this.#watch();
  }

  static watch(root: string): Uptime {
    return new Uptime(root);
  }

  /** While this goes on it cannot work, whatever runs. */
  async without<T>(body: () => Promise<T>): Promise<T> {
    const span = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.#down.push(span);
    try {
      return await body();
    } finally {
      span.to = Date.now();
    }
  }

  /** How much of that time it could not work, in milliseconds. */
  downWithin(from: number, to: number): number {
    let total = 0;
    let counted = from;
    for (const span of this.#down.toSorted((a, b) => a.from - b.from)) {
      const [start, end] = [Math.max(span.from, counted), Math.min(span.to, to)];
      total += Math.max(0, end - start);
      counted = Math.max(counted, end);
    }
    return total;
  }

  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    let seen = Date.now();
    while (!this.#stopping.signal.aborted) {
      const kinds = new Set(processesOf(this.#root).map(({ kind }) => kind));
      const now = Date.now();
      if (!NEEDED.every((kind) => kinds.has(kind))) this.#down.push({ from: seen, to: now });
      seen = now;
      await sleep(PAUSE_MS);
    }
  }
}
