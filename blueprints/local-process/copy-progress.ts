/** How far the copy of a folder is. Written by the thread that copies, read by the one that waits for it. */
export class CopyProgress {
  /** To be handed to the other thread. */
  readonly buffer: SharedArrayBuffer;
  readonly #counts: BigInt64Array;

  constructor(buffer = new SharedArrayBuffer(COUNTS.length * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#counts = new BigInt64Array(buffer);
  }

  add(count: Count, more = 1): void {
    Atomics.add(this.#counts, COUNTS.indexOf(count), BigInt(more));
  }

  /** Another one as soon as anything went on. */
  mark(): string {
    return COUNTS.map((count) => this.#read(count)).join();
  }

  /** In words, such as `8,207 files and 8 MiB were copied`. */
  describe(): string {
    const files = this.#read('files');
    const megabytes = `${Math.round(this.#read('bytes') / 1024 ** 2).toLocaleString('en')} MiB`;
    return files === 0
      ? `${this.#read('names').toLocaleString('en')} names were read`
      : `${files.toLocaleString('en')} files and ${megabytes} were copied`;
  }

  #read(count: Count): number {
    return Number(Atomics.load(this.#counts, COUNTS.indexOf(count)));
  }
}

/** Names listed, then looked at; folders and links made, files copied, bytes copied. */
type Count = (typeof COUNTS)[number];

const COUNTS = ['listed', 'names', 'made', 'files', 'bytes'] as const;

const LOOK_MS = 1_000;

/**
 * Aborts when nothing went on between one look and the last for `stillMs` (milliseconds): a file system that does not
 * answer, not a machine that is busy.
 */
export function watchForStandstill(
  progress: Pick<CopyProgress, 'mark'>,
  stillMs: number,
): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  let mark = progress.mark();
  let still = 0;
  const lookMs = Math.min(LOOK_MS, stillMs);
  const timer = setInterval(() => {
    const now = progress.mark();
    // Counted in looks: a process that was held up itself has not seen that nothing went on.
    still = now === mark ? still + lookMs : 0;
    mark = now;
    if (still >= stillMs) controller.abort();
  }, lookMs);
  return { signal: controller.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
