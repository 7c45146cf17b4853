import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { act } from '../act.ts';
import type { Receipt } from '../../../src/domain/service/requests.ts';
import { formatRevisionName } from '../../../src/domain/service/revision.ts';
import { formatServiceId, pickSettings } from '../../../src/domain/service/service.ts';
import type { ServiceWorkflowStatus } from '../../../src/domain/rollout/status.ts';
import type { RecordingActivities } from '../../doubles/recording-activities.ts';
import type { Bench } from '../bench.ts';
import type { Hold } from '../faults.ts';
import { findDivergences } from '../replays.ts';
import { ServiceBench, isOver } from '../service-bench.ts';

const LOOK_AGAIN_MS = 25;
/** How long everything may take to come to rest; a bound for the hopeless, not a measure. */
const REST_MS = 60_000;

/** The only types a service or a rollout refuses with. */
const REFUSALS = ['Invalid', 'NotFound', 'Refused', 'Conflict'];

/** One service with everything that happens to it in one run, and what has to be true of it. */
export class World {
  readonly bench: Bench;
  readonly desk: ServiceBench;
  /** Every receipt that was given, by request id. */
  readonly receipts = new Map<string, Receipt>();
  readonly #holds: Hold[] = [];
  readonly #pending: Promise<unknown>[] = [];

  constructor(bench: Bench) {
    this.bench = bench;
    this.desk = new ServiceBench(bench);
  }

  get activities(): RecordingActivities {
    return this.bench.activities;
  }

  /** Stops the next call of a step until {@link release}. */
  hold(step: 'provision' | 'check' | 'bake' | 'destroy'): void {
    this.#holds.push(this.activities.hold(step));
  }

  release(): void {
    for (const hold of this.#holds.splice(0)) hold.release();
  }

  /** A request that is answered in any case: with a receipt, the same one for the same id, or a refusal of a known type. */
  async asked(requestId: string, answer: Promise<Receipt>): Promise<Receipt | undefined> {
    const receipt = await answered(answer);
    if (!receipt) return undefined;
    assert.deepEqual(this.receipts.get(requestId) ?? receipt, receipt, `${requestId} has two answers`);
    this.receipts.set(requestId, receipt);
    return receipt;
  }

  /** What goes on beside everything else; its end is waited for at the end. */
  beside(work: Promise<unknown>): void {
    this.#pending.push(work.catch(() => undefined));
  }

  async status(): Promise<ServiceWorkflowStatus | undefined> {
    try {
      return (await this.desk.status()) ?? undefined;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** Lets everything come to its end, and holds it against what must be true then. */
  async rest(): Promise<void> {
    this.release();
    await Promise.all(this.#pending);
    // Whoever terminated the service's workflow left it to the next request to begin it again.
    await answered(this.desk.note({ kind: 'unpin', revision: 999 }));
    const until = Date.now() + REST_MS;
    for (
      let why: string | undefined = 'nothing was looked at';
      why !== undefined;
      why = await this.#unrest().catch(noAnswer)
    ) {
      assert.ok(Date.now() < until, `does not come to rest: ${why}`);
      await this.#resume();
      await sleep(LOOK_AGAIN_MS);
    }
    assert.deepEqual(this.activities.breaches, []);
    assert.deepEqual(await findDivergences(this.bench.env.client.workflow, this.bench.service), []);
  }

  async #resume(): Promise<void> {
    const running = (await this.status().catch(() => undefined))?.running;
    if (running === undefined) return;
    const { paused } = await this.desk
      .rollout(running)
      .query<{ paused: boolean }>('status')
      .catch(() => ({ paused: false }));
    if (paused) await act(this.bench, this.desk.rollout(running), 'resume').catch(() => undefined);
  }

  /**
   * Why it is not at rest yet. Agreement is a part of rest: what nobody waits for, as a warm revision that is let go
   * after its service was applied, reaches the workflow's state and the record one after the other.
   */
  async #unrest(): Promise<string | undefined> {
    const { catalogue } = this.activities.store;
    const { service } = this.bench;
    const records = await catalogue.rollouts(service, 1000);
    for (const { rollout } of this.receipts.values()) {
      if (!records.some(({ number, endedAt }) => number === rollout && endedAt !== undefined)) {
        return `rollout ${rollout} has no end`;
      }
    }
    const status = await this.status();
    if (status?.running !== undefined || (status?.queue.length ?? 0) > 0) return 'the service is busy';
    const standing = await this.#standing();
    const { names } = this.activities.stacks;
    if (names.join() !== standing.join()) return `${names.join()} stand, of which ${standing.join()} are listed`;
    try {
      await this.#isConsistent();
    } catch (error) {
      if (error instanceof assert.AssertionError) return inspect(error);
      throw error;
    }
    return undefined;
  }

  async #standing(): Promise<string[]> {
    const revisions = await this.activities.store.catalogue.revisions(this.bench.service, 1000);
    const up = revisions.filter(({ state }) => state === 'live' || state === 'warm').map(({ number }) => number);
    return up.sort((a, b) => a - b).map(formatRevisionName);
  }

  /** Record, workflow, router and stacks say the same, and every request had one end. */
  async #isConsistent(): Promise<void> {
    const { audit, catalogue } = this.activities.store;
    const { service } = this.bench;
    assert.equal((await audit.verify()).ok, true);
    const standing = await this.#standing();
    const record = await catalogue.service(service);
    const revisions = await catalogue.revisions(service, 1000);
    const live = revisions.filter(({ state }) => state === 'live').map(({ number }) => number);
    assert.ok(live.length <= 1, `${live.join()} are live`);
    const weights = Object.entries(this.activities.router.weights);
    assert.deepEqual(weights.map(([name]) => name).sort(), standing.toSorted());
    assert.deepEqual(
      weights.filter(([, weight]) => weight > 0),
      live.map((number) => [formatRevisionName(number), 100]),
    );
    const status = await this.status();
    if (status && !status.removed && !(await isOver(this.desk.handle))) {
      assert.equal(status.live, live[0]);
      assert.deepEqual(status.revisions.map(({ number }) => formatRevisionName(number)).toReversed(), standing);
      assert.deepEqual(status.settings, record && pickSettings(record.spec));
      const marked = (mark: 'pinned' | 'bad') =>
        status.revisions.filter((each) => each[mark]).map((each) => each.number);
      const listed = (numbers: number[] = []) =>
        numbers.filter((each) => standing.includes(formatRevisionName(each))).sort((a, b) => b - a);
      assert.deepEqual([marked('pinned'), marked('bad')], [listed(record?.pinned), listed(record?.bad)]);
    }
    const events = await audit.list({ subject: formatServiceId(service), limit: 10_000 });
    for (const rollout of new Set([...this.receipts.values()].map((receipt) => receipt.rollout))) {
      const of = events
        .filter((event) => event.rollout === `${formatServiceId(service)}#${rollout}`)
        .map(({ type }) => type);
      const count = (type: string): number => of.filter((each) => each === type).length;
      // More where a workflow task was discarded with another request in its place.
      assert.ok(count('rollout.requested') >= 1, `rollout ${rollout}: ${of.join()}`);
      assert.equal(count('rollout.finished') + count('rollout.dropped'), 1, `rollout ${rollout}: ${of.join()}`);
    }
  }
}

/** What was answered; undefined for a refusal of a known type, or where somebody terminated the workflow meanwhile. */
export async function answered<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { cause } = error as { cause?: { type?: string } };
    if (REFUSALS.includes(cause?.type ?? '')) return undefined;
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Its workflow ended under the request: it is unknown whether it was taken, and asking again is safe. */
export function isGone(error: unknown): boolean {
  const text = `${String(error)} ${String((error as { cause?: unknown }).cause)}`;
  return (
    error instanceof WorkflowNotFoundError ||
    /completed|terminated|not found|AcceptedUpdateCompletedWorkflow/i.test(text)
  );
}

/** A query that meets an update's local activity may end its worker, seldom: SDK_FAULT in lane.ts. The next one answers. */
function noAnswer(error: unknown): string {
  if (error instanceof ServiceError) return `its workflow does not answer: ${inspect(error)}`;
  throw error;
}
