import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Receipt } from '../../src/domain/service/requests.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { answering } from './faults.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const HOUR = 3_600_000;
const WINDOW = { warm: 3, rollbackWindow: { revisions: 1, durationMs: HOUR } };

describe('a service with a rollback window', () => {
  const bench = benchForEach();
  const calls = () => bench().activities.calls.map(({ name }) => name);

  it('goes back at once within it, after one more look, and says so', async () => {
    const desk = await ServiceBench.live(bench(), 2, WINDOW);
    await desk.apply('v2', { ...WINDOW, bakeMs: 20 });
    const before = calls().length;
    const receipt = await desk.rollback();
    assert.deepEqual(receipt.way, { isAtOnce: true, because: 'r1 is warm and within the rollback window' });
    assert.equal(receipt.plan, undefined);
    const status = await desk.over(receipt);
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(
      status.steps.map(({ weight, bakeMs }) => [weight, bakeMs]),
      [[100, 0]],
    );
    const made = calls().slice(before);
    assert.deepEqual([made.includes('recheck'), made.includes('check'), made.includes('bake')], [true, false, false]);
  });

  it('takes all steps and checks beyond it, with the stack that stands, and says why', async () => {
    const desk = await ServiceBench.live(bench(), 3, WINDOW);
    await desk.apply('v3', { ...WINDOW, bakeMs: 20 });
    const dry = (await desk.dryRun({ kind: 'rollback', to: 1 })) as Receipt;
    const before = calls().length;
    const receipt = await desk.rollback(1);
    assert.deepEqual(receipt.way, {
      isAtOnce: false,
      because: 'r1 is 2 revisions back, and the rollback window is 1',
    });
    assert.deepEqual([dry.way, dry.plan], [receipt.way, receipt.plan]);
    assert.deepEqual(receipt.plan?.weights, [100]);
    const status = await desk.over(receipt);
    assert.equal(status.outcome, 'succeeded');
    assert.match(status.phases[0]?.note ?? '', /^in steps: r1 is 2 revisions back/);
    const made = calls().slice(before);
    assert.deepEqual(
      [made.includes('provision'), made.includes('recheck'), made.includes('check'), made.includes('bake')],
      [false, false, true, true],
    );
    assert.equal(bench().activities.router.weights.r1, 100);
  });

  it('is asked again when the rollback begins: its time may be over by then', async () => {
    const short = { warm: 3, rollbackWindow: { durationMs: 400 } };
    const desk = await ServiceBench.live(bench(), 2, short);
    const removing = bench().activities.hold('settle');
    const first = await desk.deploy('v3');
    await removing.reached;
    const back = await desk.rollback(1);
    await bench().visible(async () => Date.now() - Date.parse(back.way ? await since(1) : '') > 500);
    removing.release();
    await desk.over(first);
    const status = await desk.over(back);
    assert.match(status.phases[0]?.note ?? '', /lost its traffic .* ago, and the rollback window is 400ms/);
  });

  const since = async (number: number): Promise<string> =>
    (await bench().activities.store.catalogue.revision(bench().service, number))?.since ?? '';

  it('goes back to a warm stack where its release is applied anew within it', async () => {
    const desk = await ServiceBench.live(bench(), 2, WINDOW);
    const stacks = bench().activities.stacks.names;
    const receipt = await desk.apply('v1', WINDOW);
    assert.deepEqual([receipt.revision, receipt.way?.isAtOnce], [1, true]);
    const status = await desk.over(receipt);
    assert.deepEqual([status.kind, status.outcome, status.revision], ['rollback', 'succeeded', 1]);
    assert.deepEqual(bench().activities.stacks.names, stacks);
    assert.equal(bench().activities.called('provision'), 2);
    assert.equal((await desk.apply('v1', WINDOW)).unchanged, true);
  });

  it('makes another revision where the release is beyond it, or marked bad, or something waits', async () => {
    const desk = await ServiceBench.live(bench(), 3, WINDOW);
    const beyond = await desk.apply('v1', WINDOW);
    assert.equal(beyond.revision, 4);
    await desk.over(beyond);
    await desk.note({ kind: 'mark-bad', revision: 3 });
    const hold = bench().activities.hold('provision');
    const marked = await desk.apply('v3', WINDOW);
    assert.equal(marked.revision, 5);
    await hold.reached;
    const behind = await desk.apply('v1', WINDOW);
    assert.equal(behind.revision, 6);
    hold.release();
    await desk.over(behind);
  });

  it('makes another revision where it has no window: an older release is a release', async () => {
    const desk = await ServiceBench.live(bench(), 2);
    const receipt = await desk.apply('v1');
    assert.deepEqual([receipt.revision, receipt.way], [3, undefined]);
    await desk.over(receipt);
    assert.equal((await desk.rollback()).way, undefined);
  });

  it('fails before it moves anything where a stack within it is not healthy any more', async () => {
    const desk = await ServiceBench.live(bench(), 2, WINDOW);
    bench().activities.on('recheck', answering([verdict('home', 1, 'fail')]));
    assert.equal((await desk.over(await desk.rollback())).outcome, 'failed');
    assert.equal(bench().activities.router.weights.r2, 100);
  });
});
