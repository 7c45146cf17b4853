import { setTimeout as sleep } from 'node:timers/promises';
import { Context, activityInfo } from '@temporalio/activity';
import type { checkActivities } from '../../src/activities/checks.ts';
import type { ControlActivities, StackActivities } from '../../src/activities/index.ts';
import { Journal } from '../../src/activities/journal.ts';
import { recallActivities } from '../../src/activities/recall.ts';
import { recordActivities } from '../../src/activities/record.ts';
import { serviceRecordActivities } from '../../src/activities/service-record.ts';
import { stackActivities } from '../../src/activities/stacks.ts';
import { trafficActivities } from '../../src/activities/traffic.ts';
import type { CheckSpec, Verdict } from '../../src/domain/checks.ts';
import type { RolloutRef } from '../../src/domain/requests.ts';
import { revisionName } from '../../src/domain/revision.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { type Act, Hold, Script } from '../workflow/faults.ts';
import { RouteModel } from '../workflow/route-model.ts';
import { StackModel } from '../workflow/stack-model.ts';

type Activities = ControlActivities & StackActivities;
export type ActivityName = keyof Activities;

export interface Call {
  name: ActivityName;
  task: unknown;
  attempt: number;
  local: boolean;
}

/**
 * A double of everything that lies behind the workflows: records every call in order and does as it is told. Records
 * are kept by the real activities in a real store; stacks, routes and checks are models in memory, which note every
 * breach of an invariant.
 */
export class RecordingActivities {
  readonly calls: Call[] = [];
  readonly stacks = new StackModel((revision) => this.#inUse(revision));
  readonly router = new RouteModel(this.stacks);
  readonly store: Store;
  readonly #script = new Script();
  readonly #breaches: string[] = [];
  readonly #open = new Set<number>();
  readonly #over = new Set<number>();

  private constructor(store: Store) {
    this.store = store;
  }

  static async create(): Promise<RecordingActivities> {
    return new RecordingActivities(await openStore(':memory:'));
  }

  get breaches(): string[] {
    return [...this.#breaches, ...this.stacks.breaches, ...this.router.breaches];
  }

  /** The names of the calls so far, those that only read left out. */
  get steps(): string[] {
    return this.calls
      .map(({ name }) => name)
      .filter((name) => !['recall', 'recallRevision', 'describe'].includes(name));
  }

  called(name: ActivityName): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** The next `times` calls of an activity, or of those whose task matches, go otherwise. */
  on(name: ActivityName, act: Act, options?: { times?: number; matches?: (task: unknown) => boolean }): void {
    this.#script.add(name, act, options);
  }

  /** Stops the next call of an activity at its beginning. */
  hold(name: ActivityName, options?: { heedsCancellation?: boolean }): Hold {
    const hold = new Hold(options);
    this.on(name, hold.act);
    return hold;
  }

  control(): ControlActivities {
    const { audit, catalogue } = this.store;
    const journal = new Journal(audit);
    return this.#recorded({
      ...recallActivities(catalogue, this.stacks),
      ...recordActivities(catalogue, journal),
      ...serviceRecordActivities(catalogue, journal),
      ...trafficActivities(this.router, journal),
      ...this.#checks(),
    });
  }

  stackOperations(): StackActivities {
    return this.#recorded(stackActivities(this.stacks, this.store.catalogue, new Journal(this.store.audit)));
  }

  #checks(): ReturnType<typeof checkActivities> {
    const judge = (checks: CheckSpec[], revision: number): Verdict[] => {
      this.stacks.prove(revision);
      return checks.map(({ name }) => verdict(name, revision, 'pass'));
    };
    return {
      check: async ({ check, subject }) => judge([check], subject.revision)[0]!,
      recheck: async ({ checks, subject }) => judge(checks, subject.revision),
      bake: async ({ checks, subject, until }) => {
        const left = Math.max(0, Date.parse(until) - Date.now());
        await sleep(left, undefined, { signal: Context.current().cancellationSignal });
        return judge(checks, subject.revision);
      },
    };
  }

  #recorded<T extends Partial<Activities>>(activities: T): T {
    const wrapped = Object.entries(activities).map(([name, activity]) => {
      const effect = activity as (task: unknown) => Promise<unknown>;
      return [name, (task: unknown) => this.#call(name as ActivityName, task, () => effect(task))];
    });
    return Object.fromEntries(wrapped) as T;
  }

  async #call(name: ActivityName, task: unknown, effect: () => Promise<unknown>): Promise<unknown> {
    const { attempt, isLocal } = activityInfo();
    this.calls.push({ name, task, attempt, local: isLocal });
    const { ref } = task as { ref?: RolloutRef };
    if (name === 'open' && ref) this.#opened(ref.number);
    const act = this.#script.next(name, task);
    const result = await (act ? act(effect) : effect());
    if (name === 'close' && ref) this.#closed(ref.number);
    return result;
  }

  /** Invariant 4: one rollout at a time. */
  #opened(number: number): void {
    if (!this.#over.has(number)) this.#open.add(number);
    if (this.#open.size > 1) this.#breaches.push(`rollouts ${[...this.#open].join(' and ')} run at once`);
  }

  #closed(number: number): void {
    this.#open.delete(number);
    this.#over.add(number);
  }

  #inUse(revision: number): string | undefined {
    const weight = this.router.weights[revisionName(revision)];
    if (weight === undefined) return undefined;
    return weight > 0 ? `it has ${weight} % of traffic` : 'it is still listed in the route';
  }
}

export function verdict(check: string, revision: number, found: Verdict['verdict'], evidence = 'looked'): Verdict {
  const at = new Date().toISOString();
  return { check, revision, verdict: found, attempts: 1, passed: found === 'pass' ? 1 : 0, from: at, to: at, evidence };
}
