import type { CommandContext } from '../src/cli/context.ts';
import { orAborted } from './or-aborted.ts';

/** Somebody pressed Ctrl-C or closed the terminal, or the demo was told to end by SIGTERM. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What Ctrl-C means depends on what goes on: it ends the demo, unless somebody waits for it. */
export class Interrupts implements Disposable {
  readonly #end = new AbortController();
  readonly #listening: Disposable;
  readonly #hangUp = (): void => this.abort(new Interrupted('the terminal is gone'));
  #waiting: (() => void) | undefined;
  #onRepeated: () => void = () => undefined;

  constructor(context: Pick<CommandContext, 'onInterrupt'>) {
    this.#listening = context.onInterrupt(() => this.#interrupt());
    process.on('SIGHUP', this.#hangUp);
  }

  /** Aborts when the demo has to end early; the reason says why. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Ends the demo for a reason of its own. */
  abort(reason: Error): void {
    this.#end.abort(reason);
  }

  /** Called at each further Ctrl-C, once one has ended the demo. */
  set onRepeated(listener: () => void) {
    this.#onRepeated = listener;
  }

  /** Waits for a Ctrl-C that then has no other meaning. */
  async next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting = () => resolve(undefined);
    try {
      await orAborted(promise, this.signal);
    } finally {
      this.#waiting = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    process.off('SIGHUP', this.#hangUp);
  }

  #interrupt(): void {
    if (this.#waiting) this.#waiting();
    else if (this.signal.aborted) this.#onRepeated();
    else this.abort(new Interrupted('interrupted'));
  }
}
