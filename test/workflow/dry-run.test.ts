import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { outlinePlan } from '../../src/domain/rollout/exposure.ts';
import { planRollout } from '../../src/domain/rollout/plan.ts';
import type { Command, Receipt } from '../../src/domain/service/requests.ts';
import type { RollbackProof } from '../../src/domain/rollback/proof.ts';
import { ROLLBACK_VERDICTS } from '../../src/domain/rollback/verdict.ts';
import { CONCURRENCY_POLICIES, ROLLBACK_SAFETY_DEMANDS } from '../../src/domain/service/service.ts';
import type { Bench } from './bench.ts';
import type { Hold } from './faults.ts';
import { releaseOf, spec } from './samples.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

type Asked = Command['asked'];
type Move = { asked: Asked; requestId: string } | { drilled: Drilled } | 'hold' | 'release';
type Drilled = Pick<RollbackProof, 'from' | 'to' | 'verdict'>;

const KEY = { name: 'web', environment: 'never' };
const revision = fc.integer({ min: 1, max: 6 });
const artifact = fc.constantFrom('a', 'b', 'c');

const someAsked: fc.Arbitrary<Asked> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        ...{ artifact, concurrency: fc.constantFrom(...CONCURRENCY_POLICIES), warm: fc.nat(2) },
        rollbackSafety: fc.constantFrom(...ROLLBACK_SAFETY_DEMANDS),
      })
      .map((options) => ({ kind: 'apply' as const, spec: spec(KEY, options) })),
  },
  { weight: 2, arbitrary: artifact.map((each) => ({ kind: 'deploy' as const, artifact: each })) },
  { weight: 2, arbitrary: revision.map((to) => ({ kind: 'rollback' as const, to })) },
  fc.constantFrom<Asked>({ kind: 'rollback' }, { kind: 'restart' }),
  fc.constant<Asked>({ kind: 'remove' }),
  { weight: 2, arbitrary: revision.map((each) => ({ kind: 'mark-bad' as const, revision: each })) },
  { weight: 2, arbitrary: revision.map((each) => ({ kind: 'pin' as const, revision: each })) },
  revision.map((each) => ({ kind: 'unpin' as const, revision: each })),
  fc.integer({ min: 1, max: 12 }).map((rollout) => ({ kind: 'drop' as const, rollout })),
);

const someMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ asked: someAsked, requestId: fc.nat(30).map((number) => `id-${number}`) }),
  },
  { weight: 3, arbitrary: fc.constantFrom<Move>('hold', 'release') },
  {
    weight: 2,
    arbitrary: fc.record({
      drilled: fc.record({ from: artifact, to: artifact, verdict: fc.constantFrom(...ROLLBACK_VERDICTS) }),
    }),
  },
);

/** A receipt, or why there is none. */
async function outcome(answer: Promise<Receipt | string>): Promise<unknown> {
  const told = await answer.catch((error: unknown) => error);
  return told instanceof Error ? refusal(Promise.reject(told)) : told;
}

/** One service whose rollouts are stopped where they provision, now and then, so that others queue behind them. */
class Held {
  readonly desk: ServiceBench;
  readonly #bench: Bench;
  #drills = 0;
  #hold: { hold: Hold; isReached: boolean } | undefined;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.desk = new ServiceBench(bench);
  }

  hold(): void {
    if (this.#hold) return;
    const hold = this.#bench.activities.hold('provision', { heedsCancellation: false });
    const held = { hold, isReached: false };
    this.#hold = held;
    void hold.reached.then(() => (held.isReached = true));
  }

  release(): void {
    this.#hold?.hold.release();
    this.#hold = undefined;
  }

  /** Until nothing goes on by itself. */
  async rest(): Promise<void> {
    for (;;) {
      const status = await this.desk.status().catch(() => null);
      const isIdle = !status || (status.running === undefined && status.queue.length === 0);
      if ((isIdle || this.#hold?.isReached) && (await this.#isTornDown())) return;
      await this.#bench.pause();
    }
  }

  /** Teardowns go on beside whatever else happens. */
  async #isTornDown(): Promise<boolean> {
    const events = await this.#bench.activities.store.audit.list({ limit: 10_000 });
    const count = (wanted: string): number => events.filter(({ type }) => type === wanted).length;
    return count('stack.destroying') === count('stack.destroyed');
  }

  /** A drill of releases of these artifacts is over. */
  async drill({ from, to, verdict }: Drilled): Promise<void> {
    const { activities, service } = this.#bench;
    const release = (made: string): string => releaseOf(spec(service, { artifact: made }));
    this.#drills += 1;
    await activities.store.experiments.proofs.save({
      ...{ service, verdict, from: release(from), to: release(to), fromLabel: from, toLabel: to },
      run: { experiment: { name: 'web-drill', environment: service.environment }, run: this.#drills },
      at: new Date(this.#drills).toISOString(),
    });
  }

  /** All that a request puts on record, without what rollouts and teardowns do. */
  async known(): Promise<string> {
    const { store } = this.#bench.activities;
    const { service } = this.#bench;
    const events = await store.audit.list({ limit: 10_000 });
    const [found] = await store.catalogue.overview(service);
    return JSON.stringify([
      events.filter(({ type }) =>
        /^(rollout\.(requested|dropped|asked)|revision\.(pin|unpin|mark)|service)/.test(type),
      ),
      found && [found.spec, found.pinned, found.bad, found.queue],
      await store.catalogue.requests.latest(service, 1_000),
    ]);
  }
}

/** A description is of the bench's service. */
function of({ service }: Bench, asked: Asked): Asked {
  return asked.kind === 'apply' ? { ...asked, spec: { ...asked.spec, service } } : asked;
}

function isTicket(answer: unknown): answer is Receipt {
  return typeof answer === 'object' && answer !== null && 'rollout' in answer;
}

describe('a dry run', () => {
  const bench = benchForEach();

  it('answers what the request then gets, whatever came before, and changes nothing', async function () {
    this.timeout(180_000);
    const moves = fc.sample(someMove, { numRuns: Number(process.env.FC_RUNS ?? 80) });
    const seen = new Set<string>();
    const world = new Held(bench());
    await ServiceBench.live(bench(), 2);
    for (const [index, move] of moves.entries()) {
      if (move === 'hold') world.hold();
      else if (move === 'release') world.release();
      await world.rest();
      if (typeof move === 'string') continue;
      if ('drilled' in move) {
        await world.drill(move.drilled);
        continue;
      }
      const asked = of(bench(), move.asked);
      const what = `move ${index} of ${JSON.stringify(moves)}`;
      const before = await world.known();
      const foreseen = await outcome(world.desk.dryRun(asked, move.requestId));
      assert.equal(await world.known(), before, what);
      const found = await outcome(world.desk.ask(asked, move.requestId));
      // A number that nobody has taken is not promised.
      const isNew = isTicket(foreseen) && foreseen.rollout === 0;
      assert.deepEqual(foreseen, isNew ? { ...(found as Receipt), rollout: 0 } : found, what);
      seen.add(isTicket(found) ? 'receipt' : typeof found === 'string' ? 'note' : (found as { type: string }).type);
      await world.rest();
    }
    world.release();
    await world.rest();
    assert.ok(
      ['receipt', 'note', 'Refused', 'NotFound', 'Conflict'].every((kind) => seen.has(kind)),
      [...seen].join(),
    );
  });

  it('of a service that is new to everybody leaves nothing of it', async () => {
    const desk = new ServiceBench(bench());
    const described = spec(bench().service, {});
    const receipt = await desk.dryRun({ kind: 'apply', spec: described });
    assert.deepEqual(receipt, {
      service: bench().service,
      ...{ rollout: 0, revision: 1, unchanged: false, queuedBehind: 0 },
      plan: outlinePlan(planRollout(described.strategy), described.router),
    });
    assert.equal((await refusal(desk.dryRun({ kind: 'remove' }))).type, 'NotFound');
    const { audit, catalogue } = bench().activities.store;
    assert.deepEqual([await audit.list(), await catalogue.services()], [[], []]);
    assert.equal(bench().activities.called('accept'), 0);
  });

  for (const [what, asked, type] of [
    ['a revision that is marked bad', { kind: 'rollback', to: 1 }, 'Refused'],
    ['a revision that does not stand', { kind: 'pin', revision: 1 }, 'Refused'],
    ['a rollout that does not wait', { kind: 'drop', rollout: 2 }, 'NotFound'],
    ['a revision that there is not', { kind: 'mark-bad', revision: 9 }, 'NotFound'],
  ] as [string, Asked, string][]) {
    it(`is refused for ${what}`, async () => {
      const desk = await ServiceBench.live(bench(), 3);
      await desk.note({ kind: 'mark-bad', revision: 1 });
      assert.equal((await refusal(desk.dryRun(asked))).type, type);
    });
  }

  it('says that nothing would change, and that others are under way where those are rejected', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const same = spec(bench().service, { artifact: 'v1' });
    assert.equal(((await desk.dryRun({ kind: 'apply', spec: same })) as Receipt).unchanged, true);
    const hold = bench().activities.hold('provision');
    const running = await desk.apply('v2', { concurrency: 'reject' });
    await hold.reached;
    const { type, message } = await refusal(desk.dryRun({ kind: 'deploy', artifact: 'v3' }));
    assert.deepEqual([type, message.includes('its policy is to reject others')], ['Refused', true]);
    hold.release();
    await desk.over(running);
  });

  it('is no command: nobody can have it carried out', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const { env, service, activities } = bench();
    const id = randomUUID();
    const change = { actor: 'ada', requestId: 'dry', dryRun: true };
    const command = { id, service, asked: { kind: 'remove' as const }, change, at: new Date().toISOString() };
    await activities.store.catalogue.commands.save(command);
    const handle = env.client.workflow.getHandle(desk.handle.workflowId);
    const sent = handle.executeUpdate<Receipt, [object]>('remove', { args: [{ command: id }] });
    assert.equal((await refusal(sent)).type, 'NotRecorded');
    assert.equal((await desk.status())?.live, 1);
  });
});
