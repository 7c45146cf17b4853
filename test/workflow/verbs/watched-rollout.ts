import { setTimeout as sleep } from 'node:timers/promises';
import proto from '@temporalio/proto';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import type { Bench, RolloutHandle } from '../bench.ts';
import { ServiceBench } from '../service-bench.ts';
import { type VerbAsked, showsGate, showsPause } from './automaton.ts';
import { type TestClient, UnansweredError } from './clients.ts';
import { APPROVERS } from './gate-rules.ts';
import { findPlace } from './places.ts';
import type { Subject } from './subject.ts';
import type { StepCall, Turnstile } from './turnstile.ts';
import { Witness } from './witness.ts';

/** How long anything may take; a bound for the hopeless, not a measure. */
export const LIMIT_MS = 300_000;
const LOOK_AGAIN_MS = 60;
const UNHANDLED_COMMAND =
  proto.temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND;

/** The rollout of a sequence, from its beginning to its end. */
export class WatchedRollout {
  readonly subject: Subject;
  readonly witness: Witness;
  readonly #bench: Bench;
  readonly #turnstile: Turnstile;
  readonly #handle: RolloutHandle;
  #last: RolloutStatus | undefined;
  #unseen: Error | undefined;
  #arrived: StepCall | undefined;
  #target = 0;
  #isOver = false;

  constructor(bench: Bench, turnstile: Turnstile, subject: Subject) {
    this.#bench = bench;
    this.#turnstile = turnstile;
    this.subject = subject;
    this.witness = new Witness(subject.automaton);
    this.#handle = new ServiceBench(bench).rollout(subject.number);
  }

  async begun(): Promise<void> {
    const until = Date.now() + LIMIT_MS;
    while (!(await this.#query())) await this.#pause(until, 'does not begin');
    await this.look();
  }

  /** What it shows now has to be something that it may show. */
  async look(): Promise<RolloutStatus> {
    const until = Date.now() + LIMIT_MS;
    for (;;) {
      const status = await this.#query();
      if (status) {
        this.#last = status;
        if (!this.#isStill) this.witness.released();
        this.witness.saw(status);
        return status;
      }
      await this.#pause(until, 'shows nothing');
    }
  }

  /** Whether it is to stand still there. */
  stops(call: StepCall): boolean {
    return (this.#placeOf(call) ?? Infinity) >= this.#target;
  }

  #placeOf(call: StepCall): number | undefined {
    const { automaton, revision } = this.subject;
    const weight = this.#bench.activities.router.weights[`r${revision}`] ?? 0;
    return findPlace(call, { places: automaton.places, revision, weight });
  }

  /** Goes on until it is at a place, or past it. */
  async reach(target: number, client: TestClient): Promise<void> {
    this.#target = target;
    const until = Date.now() + LIMIT_MS;
    for (;;) {
      await this.#takeArrival();
      // What is not known any more cannot be reached.
      if (this.witness.isOver || !this.witness.isSure) return;
      if (this.witness.earliest >= target && this.#isStill) return;
      if (this.#isStill) {
        this.#turnstile.pass();
        this.witness.passed();
      } else {
        const status = await this.look();
        const isPaused = showsPause(status);
        if ((isPaused || showsGate(status) || status.frozen) && this.witness.earliest >= target) return;
        if (isPaused) await this.#ask(client, { verb: 'resume' });
        else if (showsGate(status)) await this.#openGates(client);
        else if (status.frozen) await this.#decide(client, status.frozen);
      }
      await Promise.race([this.#turnstile.arrival(), this.#pause(until, 'goes nowhere')]);
    }
  }

  /** Until what puts it back is held up, or it is over. */
  async undone(): Promise<void> {
    const until = Date.now() + LIMIT_MS;
    for (;;) {
      await this.#takeArrival();
      if (this.witness.isOver || !this.witness.isUndoing || !this.witness.isSure) return;
      if (this.#isStill) return;
      await this.look();
      await Promise.race([this.#turnstile.arrival(), this.#pause(until, 'is not put back')]);
    }
  }

  /** Until it has failed, and waits for somebody to decide, or is over. */
  async frozen(client: TestClient): Promise<void> {
    const until = Date.now() + LIMIT_MS;
    while (!this.witness.isOver && this.witness.isSure) {
      await this.#takeArrival();
      if (this.#isStill) {
        this.#turnstile.pass();
        this.witness.passed();
      }
      const status = await this.look();
      if (status.frozen) return;
      // What was to fail has not come: a first deployment has one step only.
      if (showsGate(status) && this.witness.earliest > this.#target) await this.#openGates(client);
      await this.#pause(until, 'is not frozen');
    }
  }

  async end(client: TestClient): Promise<void> {
    const result = this.#handle.result();
    result.catch(() => undefined);
    this.witness.passed();
    const until = Date.now() + LIMIT_MS;
    for (;;) {
      const ended = await Promise.race([result, this.#pause(until, 'comes to no end')]);
      if (ended) {
        this.#isOver = true;
        this.witness.saw(ended.status);
        return;
      }
      const status = await this.#query();
      // What is frozen may be paused besides, and is not to be resumed.
      if (status?.frozen) await this.#decide(client, status.frozen);
      else if (status?.paused) await this.#ask(client, { verb: 'resume' });
      else if (status && showsGate(status)) await this.#openGates(client);
    }
  }

  /** What failed counts as passed. */
  async #decide(client: TestClient, { because }: NonNullable<RolloutStatus['frozen']>): Promise<void> {
    await this.#ask(client, { verb: 'promote', ...(because.startsWith('gate ') ? { breakGlass: true } : {}) });
  }

  /** By those who may; by break-glass what nobody can open. */
  async #openGates(client: TestClient): Promise<void> {
    for (const by of APPROVERS) await this.#ask(client, { verb: 'approve', by });
    if (showsGate(await this.look())) await this.#ask(client, { verb: 'promote', breakGlass: true });
  }

  /** Its end was seen. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** A task of its workflow was given to a worker that has not answered in time, or was discarded since it would have ended the rollout. */
  async hasLostTask(): Promise<boolean> {
    const { events } = await this.#handle.fetchHistory();
    return (events ?? []).some(
      ({ workflowTaskTimedOutEventAttributes: lost, workflowTaskFailedEventAttributes: failed }) =>
        Number(lost?.startedEventId ?? 0) > 0 || failed?.cause === UNHANDLED_COMMAND,
    );
  }

  async #ask(client: TestClient, asked: VerbAsked): Promise<void> {
    try {
      this.witness.heard([{ asked, answer: await client.act(this.subject.number, asked) }], false);
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error;
      this.witness.giveUp(error.message);
    }
  }

  /** Something is held up, and it is known. */
  get #isStill(): boolean {
    return this.#arrived !== undefined && this.#turnstile.held.includes(this.#arrived);
  }

  async #takeArrival(): Promise<void> {
    const [latest] = this.#turnstile.held.slice(-1);
    if (!latest || latest === this.#arrived || this.witness.isOver) return;
    this.#arrived = latest;
    this.witness.arrived(latest, this.#placeOf(latest));
  }

  async #query(): Promise<RolloutStatus | undefined> {
    try {
      return await this.#handle.query<RolloutStatus>('status');
    } catch (error) {
      // Not begun yet, or no worker answers just now.
      this.#unseen = error instanceof Error ? error : new Error(String(error));
      return undefined;
    }
  }

  async #pause(until: number, what: string): Promise<undefined> {
    await sleep(LOOK_AGAIN_MS);
    if (Date.now() <= until) return undefined;
    const unseen = this.#unseen === undefined ? '' : `, and did not answer: ${this.#unseen.message}`;
    throw new Error(`rollout ${this.subject.number} ${what}${unseen}: ${JSON.stringify(this.#last)}`);
  }
}
