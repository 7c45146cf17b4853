import { Context, activityInfo } from '@temporalio/activity';
import type { ActivityName, RecordingActivities } from '../../doubles/recording-activities.ts';
import { type Act, passing } from '../faults.ts';

/** What can be held up: steps that are activities of their own, and such as are otherwise made in place. */
const LASTING = ['provision', 'check', 'bake', 'destroy'] as const satisfies ActivityName[];
const IN_PLACE = ['open', 'recheck', 'shift', 'settle', 'recordPutBack', 'close'] as const satisfies ActivityName[];

export type StepName = (typeof LASTING)[number] | (typeof IN_PLACE)[number];

/** A step that is about to be made. */
export interface StepCall {
  name: StepName;
  task: unknown;
}

/** What a turnstile does with steps. */
export interface Rules {
  /** Whether it is held up. */
  holds(call: StepCall): boolean;
  /** What comes of it; its effect unless told. */
  effect(call: StepCall): Act | undefined;
}

const FREE: Rules = { holds: () => false, effect: () => undefined };

/** Lets the steps of a service through one at a time, so that it is known where its rollout is. */
export class Turnstile {
  #waiting: (StepCall & { pass: () => void })[] = [];
  #rules = FREE;
  #told: (() => void)[] = [];

  constructor(activities: RecordingActivities) {
    for (const name of [...LASTING, ...IN_PLACE]) {
      let task: unknown;
      const matches = (given: unknown): boolean => {
        task = given;
        return true;
      };
      activities.on(name, (effect) => this.#take({ name, task }, effect), { times: Infinity, matches });
    }
  }

  /** What is held up now, the latest last. */
  get held(): readonly StepCall[] {
    return this.#waiting;
  }

  /** What holds from now on, and lets everything through that is held up. */
  use(rules: Rules = FREE): void {
    this.#rules = rules;
    this.pass();
  }

  /** Lets everything through that is held up. */
  pass(): void {
    for (const { pass } of this.#waiting.splice(0)) pass();
  }

  /** Once something is held up. */
  async arrival(): Promise<void> {
    while (this.#waiting.length === 0) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  async #take(call: StepCall, effect: () => Promise<unknown>): Promise<unknown> {
    const rules = this.#rules;
    if (rules.holds(call)) {
      // In place a step holds up its workflow; as an ordinary activity it does not.
      if (activityInfo().isLocal) return passing()(effect);
      await this.#wait(call);
    }
    const act = rules.effect(call);
    return act ? act(effect) : effect();
  }

  async #wait(call: StepCall): Promise<void> {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 50);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const waiting = { ...call, pass: () => resolve(undefined) };
    this.#waiting.push(waiting);
    for (const tell of this.#told.splice(0)) tell();
    try {
      await Promise.race([promise, context.cancelled]);
    } finally {
      clearInterval(beat);
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
    }
  }
}
