import type { AuditEvent, AuditQuery } from '../../store/audit/store.ts';
import { type ListEvents, findHead } from './head.ts';

/** Which events somebody is told of. */
export type Filter = Pick<AuditQuery, 'subject' | 'rollout'>;

interface Waiter {
  filter: Filter;
  wake(): void;
  fail(error: unknown): void;
}

/** Between two looks for new events, in milliseconds: one for all watchers of a gateway. */
const LOOK_MS = 250;
const PAGE = 1000;

/** Tells watchers when something was recorded. It looks at the store as long as there are any. */
export class AuditFeed {
  readonly #list: ListEvents;
  readonly #waiters = new Set<Waiter>();
  #watchers = 0;
  #head: Promise<number> | undefined;
  #known = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(list: ListEvents) {
    this.#list = list;
  }

  /** Opens the eyes. The disposable closes them again once nobody else watches. */
  async watch(): Promise<Disposable> {
    this.#watchers += 1;
    const close = (): void => this.#close();
    try {
      this.#head ??= this.#begin();
      await this.#head;
    } catch (error) {
      close();
      throw error;
    }
    return { [Symbol.dispose]: close };
  }

  /** The sequence of the last event that is known. Take it before reading: {@link next} tells of what came after. */
  get head(): number {
    return this.#known;
  }

  /** Returns once there may be an event after `head` that the filter lets through; fails when the store does. */
  async next(head: number, filter: Filter, signal: AbortSignal): Promise<void> {
    if (this.#known > head || signal.aborted) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    const waiter: Waiter = { filter, wake, fail: reject };
    signal.addEventListener('abort', wake, { once: true });
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', wake);
      this.#waiters.delete(waiter);
    }
  }

  async #begin(): Promise<number> {
    this.#known = await findHead(this.#list);
    this.#lookAgain();
    return this.#known;
  }

  #close(): void {
    this.#watchers -= 1;
    if (this.#watchers > 0) return;
    clearTimeout(this.#timer);
    this.#head = undefined;
  }

  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (this.#watchers > 0) this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    try {
      const events = await this.#list({ afterSeq: this.#known, limit: PAGE });
      this.#known = Math.max(this.#known, events.at(-1)?.seq ?? 0);
      for (const waiter of [...this.#waiters]) {
        if (events.some((event) => concerns(waiter.filter, event))) waiter.wake();
      }
    } catch (error) {
      for (const waiter of [...this.#waiters]) waiter.fail(error);
    }
    this.#lookAgain();
  }
}

function concerns({ subject, rollout }: Filter, event: AuditEvent): boolean {
  return (subject === undefined || subject === event.subject) && (rollout === undefined || rollout === event.rollout);
}
