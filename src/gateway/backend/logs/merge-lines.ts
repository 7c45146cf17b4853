import { setTimeout as sleep } from 'node:timers/promises';

/** Lines and characters of one process that wait to be taken: well below what a message may hold. */
const MOST_LINES = 1000;
const MOST_CHARACTERS = 128 * 1024;
/** How long lines are gathered, in milliseconds. */
const GATHER_MS = 5;

interface Batch {
  process: string;
  lines: string[];
}

/**
 * Lines of several logs as they come, in batches of one process each. A log is read no further than one batch ahead of
 * the one who takes them. Ends when all of them have; returning ends them.
 */
export async function* mergeLines(logs: ReadonlyMap<string, AsyncGenerator<string>>): AsyncGenerator<Batch> {
  const basket = new Basket();
  const all = Promise.all([...logs].map(([process, lines]) => basket.fill(process, lines)));
  // A failure is told below, once what came before it has been taken.
  all.finally(() => basket.seal()).catch(() => undefined);
  try {
    while (await basket.filled()) yield* basket.take();
    await all;
  } finally {
    basket.close();
  }
}

/** What was read and not taken yet. */
class Basket {
  readonly #lines = new Map<string, { lines: string[]; characters: number }>();
  /** Nothing comes any more. */
  #sealed = false;
  /** Nobody takes anything any more. */
  #closed = false;
  #changed = Promise.withResolvers<undefined>();

  async fill(process: string, source: AsyncGenerator<string>): Promise<void> {
    for await (const line of source) {
      const held = this.#lines.get(process) ?? { lines: [], characters: 0 };
      this.#lines.set(process, held);
      held.lines.push(line);
      held.characters += line.length;
      if (held.lines.length === 1) this.#wake();
      while (!this.#closed && this.#isFull(process)) await this.#changed.promise;
      if (this.#closed) return;
    }
  }

  /** Resolves a moment after there is something to take; to false when there never will be. */
  async filled(): Promise<boolean> {
    while (this.#lines.size === 0 && !this.#sealed) await this.#changed.promise;
    if (!this.#sealed) await sleep(GATHER_MS);
    return this.#lines.size > 0;
  }

  take(): Batch[] {
    const batches = [...this.#lines].map(([process, { lines }]) => ({ process, lines }));
    this.#lines.clear();
    this.#wake();
    return batches;
  }

  seal(): void {
    this.#sealed = true;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }

  #isFull(process: string): boolean {
    const { lines = [], characters = 0 } = this.#lines.get(process) ?? {};
    return lines.length >= MOST_LINES || characters >= MOST_CHARACTERS;
  }
}
