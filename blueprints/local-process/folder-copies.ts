import { randomUUID } from 'node:crypto';
import { UnfinishedError } from '../../src/stacks/blueprint.ts';
import { CopyProgress } from './copy-progress.ts';
import { keepFolder } from './folder-store.ts';

/** For whom a folder is copied. */
export interface CopyRequest {
  /** Aborted when whoever asks has to be answered. */
  signal: AbortSignal;
  /** The same for all repeats of a request. Without it nobody can come back for the copy. */
  request?: string;
}

/**
 * How long a copy goes on, and what came of it is remembered, while nobody asks, in milliseconds. Clients repeat within
 * seconds.
 */
const UNASKED_MS = 30_000;

/** Each has a thread, and all share the disk. */
const MOST_AT_ONCE = 4;

/**
 * Folders that are being kept. A copy may take longer than a request: it goes on between the repeats of its request,
 * each of which joins it, and ends when they stop coming. Another request has a copy of its own, since the folder may
 * have changed before it was made.
 */
export class FolderCopies {
  readonly #dataDir: string;
  readonly #unaskedMs: number;
  readonly #copies = new Map<string, Copy>();
  readonly #running = new Set<Promise<void>>();

  constructor(dataDir: string, unaskedMs = UNASKED_MS) {
    this.#dataDir = dataDir;
    this.#unaskedMs = unaskedMs;
  }

  /**
   * Keeps the folder as it is and returns the digest of that.
   *
   * @throws UnfinishedError when the signal aborts first
   * @throws FolderFaults when the folder cannot be deployed as it is
   */
  async keep(folder: string, { signal, request }: CopyRequest): Promise<string> {
    const key = JSON.stringify([folder, request ?? randomUUID()]);
    const unaskedMs = request === undefined ? 0 : this.#unaskedMs;
    for (;;) {
      const known = this.#copies.get(key);
      if (known || this.running < MOST_AT_ONCE) return (known ?? this.#begin(key, folder, unaskedMs)).wait(signal);
      await unlessAborted(Promise.race(this.#running), signal, () => `${folder} waits until other folders are copied`);
    }
  }

  /** Copies that are under way, whether anybody asks for them or not. */
  get running(): number {
    return this.#running.size;
  }

  async close(): Promise<void> {
    for (const copy of this.#copies.values()) copy.end();
    await Promise.all(this.#running);
  }

  #begin(key: string, folder: string, unaskedMs: number): Copy {
    const copy = new Copy(this.#dataDir, folder, { unaskedMs, onEnd: () => this.#copies.delete(key) });
    this.#copies.set(key, copy);
    this.#running.add(copy.over);
    void copy.over.then(() => this.#running.delete(copy.over));
    return copy;
  }
}

/** One folder on its way, for one request. */
class Copy {
  /** Fulfilled when it is copied, or is not going to be. */
  readonly over: Promise<void>;
  readonly #folder: string;
  readonly #options: { unaskedMs: number; onEnd: () => void };
  readonly #result: Promise<string>;
  readonly #progress = new CopyProgress();
  readonly #ending = new AbortController();
  #asking = 0;
  #unasked: NodeJS.Timeout | undefined;

  constructor(dataDir: string, folder: string, options: { unaskedMs: number; onEnd: () => void }) {
    this.#folder = folder;
    this.#options = options;
    this.#result = keepFolder(dataDir, folder, { signal: this.#ending.signal, progress: this.#progress });
    this.over = this.#result.then(
      () => undefined,
      () => undefined,
    );
  }

  async wait(signal: AbortSignal): Promise<string> {
    clearTimeout(this.#unasked);
    this.#asking += 1;
    try {
      return await unlessAborted(
        this.#result,
        signal,
        () => `${this.#folder} is being copied: ${this.#progress.describe()} so far`,
      );
    } catch (error) {
      // Who is told may mend it, and ask again under the same name.
      if (!(error instanceof UnfinishedError)) this.end();
      throw error;
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#unasked = setTimeout(() => this.end(), this.#options.unaskedMs).unref();
    }
  }

  end(): void {
    clearTimeout(this.#unasked);
    this.#options.onEnd();
    this.#ending.abort();
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, progress: () => string): Promise<T> {
  const unfinished = (): UnfinishedError => new UnfinishedError(progress());
  if (signal.aborted) throw unfinished();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(unfinished());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
