import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { verdict } from '../doubles/recording-activities.ts';
import { act } from './act.ts';
import { answering, permanent } from './faults.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const BAKING = { bakeMs: 3_600_000 };

describe('after a deployment was rolled back by itself', () => {
  const bench = benchForEach();

  const record = () => bench().activities.store.catalogue.service(bench().service);
  const events = async (type: string) =>
    (await bench().activities.store.audit.list({ subject: `web/${bench().service.environment}` })).filter(
      (event) => event.type === type,
    );

  /** r1 is live, r2 was rolled back. */
  const rolledBack = async () => {
    const desk = await ServiceBench.live(bench(), 1);
    bench().activities.on('bake', answering([verdict('home', 2, 'fail', 'answered 500')]));
    const receipt = await desk.apply('v2', BAKING);
    const status = await desk.over(receipt);
    assert.equal(status.outcome, 'rolled-back');
    return { desk, receipt };
  };

  it('marks the revision bad and holds its release, on record with the reason', async () => {
    const { desk } = await rolledBack();
    const { bad, holds } = (await record())!;
    assert.deepEqual(bad, [2]);
    assert.deepEqual(
      holds.map(({ revision, rollout, because }) => [revision, rollout, because]),
      [[2, 2, 'check home failed: answered 500']],
    );
    for (const type of ['revision.mark-bad', 'release.held']) {
      const [event, ...others] = await events(type);
      assert.deepEqual([event?.actor, event?.reason, others], ['supplant', 'check home failed: answered 500', []]);
    }
    assert.equal((await desk.status())?.live, 1);
  });

  it('refuses the same release as often as it is applied, and takes another one', async () => {
    const { desk } = await rolledBack();
    for (const repeat of [1, 2, 3]) {
      const { type, message } = await refusal(desk.apply('v2', { ...BAKING, warm: repeat }));
      assert.equal(type, 'Refused');
      assert.match(message, /on hold: r2 was rolled back by rollout 2: check home failed: answered 500/);
    }
    assert.equal((await desk.apply('v1')).unchanged, true);
    const fix = await desk.apply('v3');
    assert.deepEqual([fix.rollout, fix.revision], [3, 3]);
    assert.equal((await desk.over(fix)).outcome, 'succeeded');
    assert.match((await refusal(desk.apply('v2'))).message, /on hold/);
    assert.match((await refusal(desk.deploy('v2'))).message, /on hold/);
    assert.match((await refusal(desk.dryRun({ kind: 'deploy', artifact: 'v2' }))).message, /on hold/);
  });

  it('takes it again where somebody says so, and holds it anew where it fails again', async () => {
    const { desk } = await rolledBack();
    bench().activities.on('bake', answering([verdict('home', 3, 'fail', 'answered 502')]));
    const again = await desk.again('v2', BAKING);
    assert.deepEqual((await record())!.holds, []);
    assert.equal((await desk.over(again)).outcome, 'rolled-back');
    assert.match((await refusal(desk.apply('v2'))).message, /r3 was rolled back by rollout 3/);
    const third = await desk.again('v2');
    assert.equal((await desk.over(third)).outcome, 'succeeded');
    assert.deepEqual((await record())!.holds, []);
    assert.deepEqual((await record())!.bad, [2, 3]);
  });

  it('takes the same release out of the queue, and goes on with what may be the fix', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const destroying = bench().activities.hold('destroy');
    bench().activities.on('bake', answering([verdict('home', 2, 'fail')]));
    const first = await desk.apply('v2', BAKING);
    await destroying.reached;
    const same = await desk.apply('v2', BAKING);
    const fix = await desk.apply('v3');
    assert.deepEqual([same.rollout, fix.rollout], [3, 4]);
    destroying.release();
    assert.equal((await desk.over(first)).outcome, 'rolled-back');
    assert.equal((await desk.over(fix)).outcome, 'succeeded');
    const dropped = await bench().activities.store.catalogue.rollout(bench().service, same.rollout);
    assert.equal(dropped?.outcome, 'aborted');
    assert.match(dropped.because ?? '', /its release is on hold: r2 was rolled back by rollout 2/);
    assert.deepEqual((await desk.status())?.live, 4);
  });

  it('is remembered by a service that is begun afresh', async () => {
    const { desk } = await rolledBack();
    await desk.handle.terminate();
    assert.match((await refusal(desk.apply('v2'))).message, /on hold: r2/);
  });

  it('is remembered where the service was terminated meanwhile, and heard nothing of it', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('bake');
    bench().activities.on('bake', answering([verdict('home', 2, 'fail')]));
    const destroying = bench().activities.hold('destroy');
    const receipt = await desk.apply('v2', BAKING);
    await hold.reached;
    await desk.handle.terminate();
    hold.fail('a worker was lost');
    await destroying.reached;
    const same = await desk.apply('v2', BAKING);
    destroying.release();
    assert.equal((await desk.ended(receipt)).outcome, 'rolled-back');
    await desk.until(({ last }) => (last ?? 0) >= same.rollout);
    assert.match((await refusal(desk.apply('v2'))).message, /on hold: r2/);
    assert.equal((await desk.status())?.live, 1);
  });

  it('a mark that comes at the same moment does not undo it', async () => {
    const desk = await ServiceBench.live(bench(), 3, { warm: 2 });
    const destroying = bench().activities.hold('destroy');
    bench().activities.on('bake', answering([verdict('home', 4, 'fail')]));
    const receipt = await desk.apply('v4', BAKING);
    await destroying.reached;
    await desk.note({ kind: 'mark-bad', revision: 1 });
    destroying.release();
    await desk.over(receipt);
    await desk.note({ kind: 'mark-bad', revision: 2 });
    assert.deepEqual((await record())!.bad.toSorted(), [1, 2, 4]);
  });

  it('keeps how much traffic the revision had with the rollout', async () => {
    const { receipt } = await rolledBack();
    const rollout = await bench().activities.store.catalogue.rollout(bench().service, receipt.rollout);
    assert.ok((rollout?.exposure?.totalMs ?? 0) > 0);
    assert.equal(rollout?.exposure?.pausedMs, 0);
  });
});

describe('a deployment that a program ends which watches the service', () => {
  const bench = benchForEach();

  it('is held as if a check had failed', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('bake');
    const receipt = await desk.apply('v2', BAKING);
    await hold.reached;
    await act(bench(), desk.rollout(receipt.rollout), 'abort', { actor: 'webhook:pager', reason: 'checkouts fail' });
    assert.equal((await desk.over(receipt)).outcome, 'aborted');
    const { message } = await refusal(desk.apply('v2', BAKING));
    assert.match(message, /r2 was rolled back by rollout 2: aborted by webhook:pager: checkouts fail/);
  });
});

describe('a deployment that nobody holds:', () => {
  const bench = benchForEach();

  const ended = async (body: (desk: ServiceBench, rollout: number) => Promise<unknown>, options = BAKING) => {
    const desk = await ServiceBench.live(bench(), 1);
    const receipt = await desk.apply('v2', options);
    await body(desk, receipt.rollout);
    await desk.over(receipt);
    const { bad, holds } = (await bench().activities.store.catalogue.service(bench().service))!;
    assert.deepEqual([bad, holds], [[], []]);
    assert.equal((await desk.apply('v2', { bakeMs: 0 })).unchanged, false);
  };

  it('one that a person aborts', async () => {
    const hold = bench().activities.hold('bake');
    await ended(async (desk, rollout) => {
      await hold.reached;
      await act(bench(), desk.rollout(rollout), 'abort');
    });
  });

  it('one that fails before it had traffic', async () => {
    bench().activities.on('check', (effect) => effect());
    bench().activities.on('check', answering(verdict('home', 2, 'fail')));
    await ended(() => Promise.resolve());
  });

  it('one whose traffic the router did not move', async () => {
    bench().activities.on('shift', (effect) => effect());
    bench().activities.on('shift', permanent('RecordRefused'));
    await ended(() => Promise.resolve());
  });
});
