import { setTimeout as sleep } from 'node:timers/promises';
import { Context, activityInfo } from '@temporalio/activity';
import { baselineActivities } from '../../src/activities/baseline.ts';
import { type RecheckTask, verdictActivities } from '../../src/activities/checks.ts';
import type { ControlActivities, StackActivities, WatchActivities } from '../../src/activities/index.ts';
import { commandActivities } from '../../src/activities/commands.ts';
import type { DriftActivities, LookActivities } from '../../src/activities/drift/index.ts';
import { lookForDrift, noteLookTrouble } from '../../src/activities/drift/look.ts';
import { listDriftTargets } from '../../src/activities/drift/targets.ts';
import { addressActivities } from '../../src/activities/experiment/addresses.ts';
import { beginActivities } from '../../src/activities/experiment/begin.ts';
import { handOverActivities } from '../../src/activities/experiment/hand-over.ts';
import { leaseActivities } from '../../src/activities/experiment/leases.ts';
import { probeActivities } from '../../src/activities/experiment/probes.ts';
import { runRecordActivities } from '../../src/activities/experiment/records.ts';
import { RunJournal } from '../../src/activities/experiment/run-journal.ts';
import { variantActivities } from '../../src/activities/experiment/variants.ts';
import { contractCallActivities, contractRecordActivities } from '../../src/activities/contracts.ts';
import { hookActivities, hookReportActivities } from '../../src/activities/hooks.ts';
import { gateWebhookActivities } from '../../src/activities/gate-webhook.ts';
import { gateActivities } from '../../src/activities/gates.ts';
import { hostActivities } from '../../src/activities/hosts.ts';
import { Journal } from '../../src/activities/journal.ts';
import type { ReapActivities, ReaperActivities } from '../../src/activities/reaper/index.ts';
import { recoveryActivities } from '../../src/activities/recovery.ts';
import { recallActivities } from '../../src/activities/recall.ts';
import { openActivities } from '../../src/activities/open.ts';
import { recordActivities } from '../../src/activities/record.ts';
import { createRecorder } from '../../src/activities/recorder.ts';
import { serviceRecordActivities } from '../../src/activities/service-record.ts';
import { stackActivities } from '../../src/activities/stacks.ts';
import { drainActivities, trafficActivities } from '../../src/activities/traffic.ts';
import type { Verdict } from '../../src/domain/evidence/checks.ts';
import type { RolloutRef } from '../../src/domain/service/requests.ts';
import { formatRevisionName } from '../../src/domain/service/revision.ts';
import { createHookCaller } from '../../src/hooks/http-caller.ts';
import { readAllowedHosts } from '../../src/hooks/reachable.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { type Act, Hold, Script } from '../workflow/faults.ts';
import { RouteModel } from '../workflow/route-model.ts';
import { StackModel } from '../workflow/stack-model.ts';
import { VariantModel, compareNothing, measureAtOnce } from '../workflow/variant-model.ts';
import { Bindings, BoundStacks } from './bound-stacks.ts';

type Control = ControlActivities & ReaperActivities & DriftActivities;
type Stacks = StackActivities & ReapActivities & LookActivities;
type Activities = Control & Stacks & WatchActivities;
export type ActivityName = keyof Activities;

/** What only reads, or only puts down what a check found, who asked, or which way a rollout goes. */
const READERS: ReadonlySet<string> = new Set([
  'recall',
  'recallLatest',
  'recallRevision',
  'readCommand',
  'describe',
  'reached',
  'recallSuperseding',
  'recallTeardown',
  'lookUpHost',
  'lookUpPool',
  'lookAtWindow',
  'askGate',
  'lookUpStop',
  'recordGates',
  'recordPutBack',
  'recordFreeze',
  'takeVerb',
  'recordVerdicts',
  'readRun',
  'saveRun',
]);

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
  /** Real calls, to this machine alone. */
  readonly hooks = createHookCaller({ allowed: readAllowedHosts('127.0.0.1') });
  readonly stacks = new StackModel((revision) => this.#inUse(revision));
  /** Which stacks run on one host alone; none unless a test says so. */
  readonly bindings = new Bindings();
  readonly router = new RouteModel(this.stacks);
  readonly store: Store;
  readonly variants: VariantModel;
  readonly #script = new Script();
  readonly #holds: Hold[] = [];
  readonly #breaches: string[] = [];
  readonly #open = new Set<number>();
  readonly #over = new Set<number>();

  private constructor(store: Store) {
    this.store = store;
    this.variants = new VariantModel(store.experiments);
  }

  static async create(): Promise<RecordingActivities> {
    return new RecordingActivities(await openStore(':memory:'));
  }

  get breaches(): string[] {
    return [...this.#breaches, ...this.stacks.breaches, ...this.router.breaches, ...this.variants.breaches];
  }

  /** The names of the calls so far, without those that only read, or only put down what a check found. */
  get steps(): string[] {
    return this.calls.map(({ name }) => name).filter((name) => !READERS.has(name));
  }

  called(name: ActivityName): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  /** The next `times` calls of an activity, or of those whose task matches, go otherwise. */
  on(name: ActivityName, act: Act, options?: { times?: number; matches?: (task: unknown) => boolean }): void {
    this.#script.add(name, act, options);
  }

  /** Stops the next call of an activity at its beginning. */
  hold(
    name: ActivityName,
    { matches, ...options }: { heedsCancellation?: boolean; matches?: (task: unknown) => boolean } = {},
  ): Hold {
    const hold = new Hold(options);
    this.#holds.push(hold);
    this.on(name, hold.act, matches ? { matches } : {});
    return hold;
  }

  /** Ends what is still held up, as a failure. */
  async close(): Promise<void> {
    for (const hold of this.#holds) hold.fail('the test is over');
    await this.variants.close();
    await this.store.close();
  }

  control(): Control {
    const { experiments } = this.store;
    const recorder = createRecorder(this.store);
    const { catalogue, journal } = recorder;
    const runJournal = new RunJournal(this.store.audit);
    return this.#recorded({
      ...commandActivities(catalogue, experiments.proofs, this.stacks, journal),
      ...recallActivities(catalogue, journal),
      ...openActivities(recorder, experiments.proofs, this.store.stops),
      ...baselineActivities(recorder),
      ...recordActivities(recorder),
      ...recoveryActivities(journal),
      ...serviceRecordActivities(recorder),
      ...hookReportActivities(journal),
      ...contractRecordActivities(recorder),
      ...trafficActivities(this.router, journal, this.store.stops),
      ...hostActivities(this.store.hosts),
      ...gateActivities(this.store.stops, journal),
      ...verdictActivities(recorder),
      ...beginActivities(experiments, runJournal),
      ...handOverActivities(experiments, runJournal),
      ...leaseActivities(experiments, catalogue, this.variants, runJournal),
      ...runRecordActivities(experiments, runJournal, compareNothing),
      recheck: async (task) => this.#judge(task),
      // What the reaper decides has tests of its own: here a test says it.
      survey: async () => ({ reap: [], teardowns: [], summary: 'nothing was found' }),
      confirmTeardown: async () => true,
      listDriftTargets: (task) => listDriftTargets(task, this.store),
      noteLookTrouble: (task) => noteLookTrouble(task, this.store),
    });
  }

  watches(): WatchActivities {
    const { audit, experiments } = this.store;
    const runJournal = new RunJournal(audit);
    return this.#recorded({
      ...drainActivities(this.router, new Journal(audit)),
      ...hookActivities(this.store.catalogue, this.hooks, new Journal(audit)),
      ...contractCallActivities(this.store.catalogue, this.hooks),
      ...gateWebhookActivities(this.hooks),
      ...probeActivities(experiments, runJournal, measureAtOnce),
      ...addressActivities(experiments, this.variants.routers, runJournal),
      check: async ({ check, ...task }) => (await this.#judge(task, check))[0]!,
      bake: async ({ until, ...task }) => {
        const left = Math.max(0, Date.parse(until) - Date.now());
        await sleep(left, undefined, { signal: Context.current().cancellationSignal });
        return this.#judge(task);
      },
    });
  }

  /** @param host whose workers carry them out */
  stackOperations(host = 'lane'): Stacks {
    const stacks = new BoundStacks(this.stacks, this.bindings, host);
    const variants = new BoundStacks(this.variants, this.bindings, host);
    const { audit, catalogue, experiments } = this.store;
    const limit = { attempts: 4, forMs: 0 };
    return this.#recorded({
      ...stackActivities(stacks, catalogue, new Journal(audit), limit),
      ...variantActivities(experiments, variants, new RunJournal(audit), limit),
      reap: async () => 'it is gone',
      takeInventory: async () => undefined,
      lookForDrift: (target) => lookForDrift(target, { ...this.store, stacks }),
    });
  }

  async #judge({ ref, subject }: RecheckTask, only?: string): Promise<Verdict[]> {
    const { revision } = subject;
    this.stacks.prove(revision);
    const { checks = [] } = (await this.store.catalogue.revision(ref.service, revision)) ?? {};
    const names = checks.map(({ name }) => name).filter((name) => only === undefined || name === only);
    return names.map((name) => verdict(name, revision, 'pass'));
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
    const { ref } = (task ?? {}) as { ref?: RolloutRef };
    if (name === 'open' && ref) this.#opened(ref.number);
    const act = this.#script.next(name, task);
    const result = await (act ? act(effect) : effect());
    if ((name === 'close' || name === 'drop') && ref) this.#closed(ref.number);
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
    const weight = this.router.weights[formatRevisionName(revision)];
    if (weight === undefined) return undefined;
    return weight > 0 ? `it has ${weight} % of traffic` : 'it is still listed in the route';
  }
}

export function verdict(check: string, revision: number, found: Verdict['verdict'], evidence = 'looked'): Verdict {
  const at = new Date().toISOString();
  return { check, revision, verdict: found, attempts: 1, passed: found === 'pass' ? 1 : 0, from: at, to: at, evidence };
}
