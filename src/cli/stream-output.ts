import { isatty } from 'node:tty';
import type { Output } from './context.ts';

type Stream = NodeJS.WriteStream & { fd: number };

/** One of the process's own streams. Where it breaks, the command goes on, and what is written to it is dropped. */
export class StreamOutput implements Output {
  readonly #stream: Stream;
  readonly #gone = new AbortController();
  #failure: Error | undefined;
  #draw: ((text: string) => void) & { done(): void } = Object.assign(() => undefined, { done: () => undefined });
  #loading = false;
  #loaded = false;
  #frame = '';
  #drawing = false;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A terminal that was closed answers EIO.
      if (error.code === 'EPIPE' || (error.code === 'EIO' && this.isTTY)) this.#gone.abort();
      else this.#failure ??= error;
    });
  }

  get isTTY(): boolean {
    return isatty(this.#stream.fd);
  }

  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  write(text: string): void {
    this.keep();
    this.#write(text);
  }

  redraw(lines: readonly string[]): void {
    this.#frame = lines.join('\n');
    this.#drawing = true;
    if (this.#loaded) this.#show();
    else if (!this.#loading) void this.#load();
  }

  keep(): void {
    if (this.#drawing && this.#loaded) this.#draw.done();
    // A rollback may be over before the means to redraw are loaded.
    else if (this.#drawing) this.#write(`${this.#frame}\n`);
    this.#drawing = false;
  }

  async flush(): Promise<Error | undefined> {
    this.keep();
    if (!this.#broken) await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
    // A failed write calls back before it is an event.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#failure;
  }

  get #broken(): boolean {
    return this.gone.aborted || this.#failure !== undefined;
  }

  #write(text: string): void {
    if (!this.#broken) this.#stream.write(text);
  }

  #show(): void {
    if (!this.#broken) this.#draw(this.#frame);
  }

  async #load(): Promise<void> {
    this.#loading = true;
    const { createLogUpdate } = await import('log-update');
    this.#draw = createLogUpdate(this.#stream, { showCursor: false });
    this.#loaded = true;
    if (this.#drawing) this.#show();
  }
}
