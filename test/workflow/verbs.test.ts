import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, it } from 'mocha';
import { PHASES, type Phase } from '../../src/domain/rollout/rollout.ts';
import { type RolloutVerb, VERBS, VERB_TABLE } from '../../src/domain/rollout/verbs.ts';
import type { ActivityName } from '../doubles/recording-activities.ts';
import { act } from './act.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { passing } from './faults.ts';
import { findDivergences } from './replays.ts';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

/** What a rollout does in each phase. */
const STEPS: Record<Phase, ActivityName> = {
  plan: 'open',
  provision: 'provision',
  validate: 'check',
  shift: 'shift',
  bake: 'bake',
  settle: 'settle',
  teardown: 'destroy',
};
const ROLLOUT_VERBS = VERBS.filter((verb): verb is RolloutVerb => verb !== 'rollback');

/** Starts a rollout and stops it in the middle of a phase. */
async function heldIn(bench: Bench, phase: Phase, { warm = 0, heedsCancellation = true, bakeMs = 20 } = {}) {
  const name = STEPS[phase];
  // In place a step holds up its workflow; as an ordinary activity it does not.
  if (['open', 'shift', 'settle'].includes(name)) bench.activities.on(name, passing());
  const hold = bench.activities.hold(name, { heedsCancellation });
  const handle = await bench.start(input(spec(bench.service, { bakeMs, warm }), { to: 2, live: 1 }));
  await hold.reached;
  return { hold, handle };
}

async function refusal(asked: Promise<string>): Promise<string> {
  const error: unknown = await asked.then(
    (effect) => assert.fail(`was not refused: ${effect}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
  assert.ok(error.cause instanceof ApplicationFailure);
  assert.equal(error.cause.type, 'Refused');
  return error.cause.message;
}

describe('verbs asked of a rollout', () => {
  const bench = benchForEach();
  const ask = (handle: RolloutHandle, verb: RolloutVerb) =>
    act(bench(), handle, verb, { actor: 'bob', reason: 'told so' });

  for (const phase of PHASES) {
    it(`in ${phase} are answered as the table says`, async () => {
      const { hold, handle } = await heldIn(bench(), phase);
      for (const verb of ROLLOUT_VERBS.filter((each) => !VERB_TABLE[phase][each].legal)) {
        const rule = VERB_TABLE[phase][verb];
        assert.ok(!rule.legal);
        assert.equal(await refusal(ask(handle, verb)), `cannot ${verb} in phase ${phase}: ${rule.reason}`);
      }
      for (const verb of ['pause', 'resume'] as const) {
        const rule = VERB_TABLE[phase][verb];
        if (!rule.legal) continue;
        assert.equal(await ask(handle, verb), rule.effect);
        assert.match(await refusal(ask(handle, verb)), verb === 'pause' ? /is paused already/ : /is not paused/);
      }
      hold.release();
      assert.equal((await handle.result()).status.outcome, 'succeeded');
    });
  }

  for (const phase of ['plan', 'provision', 'validate', 'shift', 'bake'] as const) {
    const exposed = phase === 'shift' || phase === 'bake';

    it(`abort in ${phase} puts everything back`, async () => {
      const { hold, handle } = await heldIn(bench(), phase);
      const rule = VERB_TABLE[phase].abort;
      assert.equal(await ask(handle, 'abort'), rule.legal && rule.effect);
      const { status, revisionSet } = await handle.result();
      // What only looks on hears of it with a beat, which nobody waits for.
      await bench().visible(async () => hold.cancelled);
      assert.equal(status.outcome, 'aborted');
      assert.equal(status.because, 'aborted by bob: told so');
      await isPutBack(bench(), revisionSet.live?.revision.number, exposed);
    });

    it(`cancelling the workflow in ${phase} does the same`, async () => {
      const { handle } = await heldIn(bench(), phase);
      await handle.cancel();
      const { status, revisionSet } = await handle.result();
      assert.equal(status.outcome, 'aborted');
      assert.equal(status.because, 'cancelled');
      await isPutBack(bench(), revisionSet.live?.revision.number, exposed);
    });
  }

  it('abort is carried out even when the last step finishes all the same', async () => {
    const { hold, handle } = await heldIn(bench(), 'shift', { heedsCancellation: false, bakeMs: 0 });
    await ask(handle, 'abort');
    hold.release();
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    await isPutBack(bench(), revisionSet.live?.revision.number, true);
  });

  it('abort a second time is refused: it is being put back already', async () => {
    const { handle } = await heldIn(bench(), 'validate');
    const destroying = bench().activities.hold('destroy');
    await ask(handle, 'abort');
    await destroying.reached;
    for (const verb of ['abort', 'pause', 'resume'] as const) {
      assert.match(await refusal(ask(handle, verb)), /being put back already/);
    }
    destroying.release();
    assert.equal((await handle.result()).status.outcome, 'aborted');
  });

  for (const phase of ['settle', 'teardown'] as const) {
    it(`cancelling the workflow in ${phase} comes too late`, async () => {
      const { hold, handle } = await heldIn(bench(), phase);
      await handle.cancel();
      hold.release();
      const { status, revisionSet } = await handle.result();
      assert.equal(status.outcome, 'succeeded');
      assert.equal(revisionSet.live?.revision.number, 2);
      assert.deepEqual(bench().activities.stacks.names, ['r2']);
    });
  }

  async function isPutBack({ activities }: Bench, live: number | undefined, exposed: boolean) {
    assert.equal(live, 1);
    assert.deepEqual(activities.router.weights, { r1: 100 });
    assert.deepEqual(activities.stacks.names, ['r1']);
    if (!exposed) assert.equal(activities.router.writes.length, 1, 'the route was not touched');
  }
});

describe('pause and promote', () => {
  const bench = benchForEach();
  const ask = (handle: RolloutHandle, verb: RolloutVerb) =>
    act(bench(), handle, verb, { actor: 'bob', reason: 'told so' });

  it('a pause holds before the next phase, says so, and resume goes on', async () => {
    const { hold, handle } = await heldIn(bench(), 'validate');
    await ask(handle, 'pause');
    hold.release();
    const { wait, paused } = await bench().until(handle, ({ wait: found }) => found !== undefined);
    assert.equal(paused, true);
    assert.equal(wait?.on, 'resume; paused before shift');
    assert.ok(wait.until !== undefined && wait.since < wait.until);
    assert.equal(bench().activities.called('shift'), 0);
    await ask(handle, 'resume');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.wait, undefined);
  });

  it('a pause during the bake holds once the bake is over; promote ends that too', async () => {
    const { hold, handle } = await heldIn(bench(), 'bake');
    assert.equal(await ask(handle, 'pause'), 'holds once the bake is over');
    hold.release();
    await bench().until(handle, ({ wait }) => wait?.on === 'resume; paused before settle');
    await ask(handle, 'promote');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('abort ends a pause', async () => {
    const { hold, handle } = await heldIn(bench(), 'validate');
    await ask(handle, 'pause');
    hold.release();
    await bench().until(handle, ({ wait }) => wait !== undefined);
    await ask(handle, 'abort');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    assert.equal(status.wait, undefined);
    assert.deepEqual(bench().activities.stacks.names, ['r1']);
  });

  it('a pause does not hold back the way back', async () => {
    const { hold, handle } = await heldIn(bench(), 'bake');
    await ask(handle, 'pause');
    hold.fail('the check cannot be carried out');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'rolled-back');
    assert.equal(status.paused, false);
  });

  for (const [verb, phase, outcome] of [
    ['abort', 'validate', 'aborted'],
    ['abort', 'bake', 'aborted'],
    ['promote', 'bake', 'succeeded'],
  ] as const) {
    it(`${verb} in ${phase} waits for nobody who only looks on`, async () => {
      const { hold, handle } = await heldIn(bench(), phase, { heedsCancellation: false, bakeMs: 3_600_000 });
      await ask(handle, verb);
      assert.equal((await handle.result()).status.outcome, outcome);
      assert.equal(hold.cancelled, false);
      hold.fail('looked on to the end');
    });
  }

  for (const kind of ['remove', 'rollback'] as const) {
    it(`a pause before a ${kind} begins holds it, although it has but one step`, async () => {
      bench().activities.on('open', passing());
      const hold = bench().activities.hold('open');
      const wanted = kind === 'remove' ? { kind, live: 1 } : { kind, to: 1, live: 1 };
      const handle = await bench().start(input(spec(bench().service), wanted));
      await hold.reached;
      await ask(handle, 'pause');
      hold.release();
      const { wait } = await bench().until(handle, ({ wait: found }) => found !== undefined);
      assert.equal(wait?.on, 'resume; paused before settle');
      assert.deepEqual(bench().activities.router.weights, { r1: 100 });
      await ask(handle, 'resume');
      const { status } = await handle.result();
      assert.deepEqual([status.outcome, status.paused], ['succeeded', false]);
    });
  }

  it('promote ends a bake that would have lasted', async () => {
    const { hold, handle } = await heldIn(bench(), 'bake', { bakeMs: 3_600_000 });
    assert.equal(await ask(handle, 'promote'), 'ends the bake now');
    const { status } = await handle.result();
    await bench().visible(async () => hold.cancelled);
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.phases.find(({ phase }) => phase === 'bake')?.note, 'ended early by promote');
  });
});

describe('verbs at the same moment', () => {
  const bench = benchForEach();

  for (const verbs of [
    ['promote', 'promote'],
    ['abort', 'promote'],
    ['abort', 'abort', 'resume'],
    ['promote', 'pause', 'abort'],
  ] as const) {
    it(`${verbs.join(', ')}: one after the other is answered, and another worker could go on`, async () => {
      const { hold, handle } = await heldIn(bench(), 'bake', { bakeMs: 3_600_000 });
      const asked = verbs.map((verb) => act(bench(), handle, verb));
      const answers = await Promise.allSettled(asked);
      assert.ok(answers.some(({ status }) => status === 'fulfilled'));
      hold.release();
      await handle.result();
      assert.deepEqual(await findDivergences(bench().env.client.workflow, bench().service), []);
    });
  }
});
