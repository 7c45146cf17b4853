import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { HEARTBEAT_TIMEOUT_MS } from '../../src/domain/heartbeats.ts';

/** What happens instead of, before or after an activity's effect. */
export type Act = (effect: () => Promise<unknown>) => Promise<unknown>;

export function permanent(type: string, message = `${type} for good`): Act {
  return () => Promise.reject(ApplicationFailure.create({ type, message, nonRetryable: true }));
}

export function passing(type = 'Unavailable', message = 'not just now'): Act {
  return () => Promise.reject(ApplicationFailure.create({ type, message }));
}

/** Is not heard of until others have taken it for lost, as what a machine was at that is cut off. */
export function lost(): Act {
  return async () => {
    await sleep(2 * HEARTBEAT_TIMEOUT_MS);
    throw new Error('too late for anybody to care');
  };
}

/** The effect takes place, and is reported as an error all the same. */
export function afterwards(act: Act): Act {
  return async (effect) => {
    await effect();
    return act(effect);
  };
}

export function answering(result: unknown): Act {
  return () => Promise.resolve(result);
}

/** Stops an activity at its beginning until the test lets it go on, or until it is cancelled. */
export class Hold {
  readonly #reached = Promise.withResolvers<undefined>();
  readonly #released = Promise.withResolvers<undefined>();
  readonly #heedsCancellation: boolean;
  cancelled = false;

  constructor({ heedsCancellation = true } = {}) {
    this.#heedsCancellation = heedsCancellation;
    // It may fail when nobody is held up any more.
    this.#released.promise.catch(() => undefined);
  }

  /** Once the activity has come here. */
  get reached(): Promise<undefined> {
    return this.#reached.promise;
  }

  release(): void {
    this.#released.resolve(undefined);
  }

  /** Lets it go on to a failure. */
  fail(message: string): void {
    this.#released.reject(ApplicationFailure.create({ type: 'CheckFailed', message, nonRetryable: true }));
  }

  readonly act: Act = async (effect) => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 50);
    this.#reached.resolve(undefined);
    try {
      await Promise.race([this.#released.promise, ...(this.#heedsCancellation ? [context.cancelled] : [])]);
    } catch (error) {
      this.cancelled = error instanceof CancelledFailure;
      throw error;
    } finally {
      clearInterval(beat);
    }
    return effect();
  };
}

interface Rule {
  name: string;
  matches: (task: unknown) => boolean;
  left: number;
  act: Act;
}

/** Which calls go wrong, and how. Each rule is for so many calls; the others work. */
export class Script {
  readonly #rules: Rule[] = [];

  add(name: string, act: Act, { times = 1, matches = () => true }: { times?: number; matches?: Rule['matches'] } = {}) {
    this.#rules.push({ name, act, left: times, matches });
  }

  next(name: string, task: unknown): Act | undefined {
    const rule = this.#rules.find((each) => each.name === name && each.left > 0 && each.matches(task));
    if (!rule) return undefined;
    rule.left -= 1;
    return rule.act;
  }
}
