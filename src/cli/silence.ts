import type { Wait } from '../domain/rollout/rollout.ts';
import type { Session } from './session.ts';
import { line, span } from './views/text.ts';
import { renderWait } from './views/rollout.ts';

/** How long nobody may answer before that is told, in milliseconds: a gateway that is started again takes about as long. */
const TOLD_AFTER_MS = 3_000;

/** Tells that nobody answers while a command looks again and again, so that no wait is a silent one (invariant 7). */
export class Silence {
  readonly #session: Session;
  readonly #redraw: ((wait: Wait) => void) | undefined;
  #since: Date | undefined;
  #told = false;

  /** @param redraw where what is looked at is drawn in place: draws it anew, with the wait. Else it is told once. */
  constructor(session: Session, redraw?: (wait: Wait) => void) {
    this.#session = session;
    this.#redraw = redraw;
  }

  /** A look was not answered. */
  lengthen(error: Error): void {
    const now = this.#session.context.now();
    this.#since ??= now;
    if (now.getTime() - this.#since.getTime() < TOLD_AFTER_MS) return;
    const wait: Wait = {
      on: `an answer: ${error.message}`,
      since: this.#since.toISOString(),
      endedBy: 'a gateway that answers; Ctrl-C ends this command alone',
      then: 'what has happened meanwhile is shown; no rollout stops for it',
    };
    const { terminal, context } = this.#session;
    if (this.#redraw) this.#redraw(wait);
    else if (!this.#told) terminal.progress(...renderWait(wait, terminal.frame(context.stderr)));
    this.#told = true;
  }

  /** A look was answered. */
  end(): void {
    if (this.#told && !this.#redraw) this.#session.terminal.progress(line(span('It is answered again.', 'good')));
    this.#since = undefined;
    this.#told = false;
  }
}
