import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createRecorder } from '../../src/activities/recorder.ts';
import { serviceRecordActivities } from '../../src/activities/service-record.ts';
import { computeFingerprint } from '../../src/domain/fingerprint.ts';
import { type Receipt, formatRolloutName } from '../../src/domain/service/requests.ts';
import type { Catalogue } from '../../src/store/catalogue/catalogue.ts';
import { passing, permanent } from './faults.ts';
import { recordAlone } from './record-alone.ts';
import { spec } from './samples.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

describe('requests that were acknowledged, when the service is terminated', () => {
  const bench = benchForEach();

  /** A rollout held where it provisions, and two behind it: nothing of what waits gives way to a rollback asked before. */
  async function queueOfTwo() {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    const receipts = [await desk.rollback(1, 'third'), await desk.apply('v3', {}, 'fourth')];
    await desk.handle.terminate();
    return { desk, hold, running, receipts };
  }

  it('are carried out in order, once, under their numbers', async () => {
    const { desk, hold, running, receipts } = await queueOfTwo();
    const next = await desk.apply('v5');
    assert.deepEqual([next.rollout, next.revision, next.queuedBehind], [5, 4, 3]);
    assert.deepEqual([receipts[0]?.ends, receipts[0]?.queuedBehind], [running.rollout, 0]);
    hold.release();
    // The rollback has ended the deployment that it leads away from.
    assert.equal((await desk.over(running)).outcome, 'aborted');
    for (const receipt of [...receipts, next]) assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    const opened = bench().activities.calls.filter(({ name }) => name === 'open');
    assert.deepEqual(
      opened.map(({ task }) => (task as { ref: { number: number } }).ref.number),
      [1, 2, 3, 4, 5],
    );
    assert.equal((await desk.status())?.live, 4);
  });

  it('are known by their ids', async () => {
    const { desk, hold, receipts } = await queueOfTwo();
    assert.deepEqual(await desk.apply('v3', {}, 'fourth'), receipts[1]);
    assert.equal((await refusal(desk.apply('v4', {}, 'fourth'))).type, 'Conflict');
    assert.deepEqual(await desk.rollback(1, 'third'), receipts[0]);
    hold.release();
    await desk.over(receipts[1]!);
  });

  it('are not begun beside one that has begun and is not on record as begun yet', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    activities.on('open', passing());
    const hold = activities.hold('open');
    const first = await desk.apply('v2');
    await hold.reached;
    await desk.handle.terminate();
    const second = await desk.apply('v3');
    assert.equal(second.queuedBehind, 1);
    hold.release();
    assert.equal((await desk.over(second)).outcome, 'succeeded');
    assert.equal((await desk.ended(first)).outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
  });

  it('are begun anew where they were terminated before they had begun anything', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    activities.on('open', passing());
    const hold = activities.hold('open');
    const first = await desk.apply('v2');
    await hold.reached;
    await desk.handle.terminate();
    await desk.rollout(first.rollout).terminate();
    hold.fail('its worker is gone');
    const second = await desk.apply('v3');
    assert.equal((await desk.over(second)).outcome, 'succeeded');
    const { catalogue } = activities.store;
    const records = await catalogue.rollouts(bench().service);
    assert.deepEqual(
      records.map(({ number, outcome }) => [number, outcome]),
      [
        [3, 'succeeded'],
        [2, 'succeeded'],
        [1, 'succeeded'],
      ],
    );
  });

  it('are not taken for begun when they were dropped', async () => {
    const { desk, hold, receipts } = await queueOfTwo();
    await desk.note({ kind: 'drop', rollout: receipts[1]!.rollout }, 'drop-it');
    await desk.handle.terminate();
    await desk.note({ kind: 'drop', rollout: receipts[1]!.rollout }, 'drop-it');
    hold.release();
    assert.equal((await desk.over(receipts[0]!)).outcome, 'succeeded');
    assert.equal(bench().activities.called('provision'), 2);
  });

  it('are on record before they are acknowledged', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    bench().activities.on('accept', passing());
    const hold = bench().activities.hold('accept');
    const asked = desk.apply('v2');
    await hold.reached;
    assert.deepEqual([(await desk.status())?.queue, (await desk.status())?.running], [[], undefined]);
    hold.release();
    assert.equal((await asked).rollout, 2);
    const events = await bench().activities.store.audit.list({ rollout: `web/${bench().service.environment}#2` });
    assert.equal(events[0]?.type, 'rollout.requested');
  });

  it('leave nothing behind where they cannot be put on record', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    bench().activities.on('accept', permanent('RecordRefused'));
    assert.equal((await refusal(desk.apply('v2', {}, 'again'))).type, 'RecordRefused');
    const receipt = await desk.apply('v2', {}, 'again');
    assert.deepEqual([receipt.rollout, receipt.revision], [2, 2]);
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
  });
});

describe('a request that is on record, and whose workflow task was lost', () => {
  const bench = benchForEach();

  it('is carried out when it is asked again, and answered as it was', async () => {
    const { desk, hold, lost } = await recordAlone(bench());
    assert.deepEqual(await desk.apply('v3', {}, 'lost'), lost);
    hold.release();
    assert.equal((await desk.over(lost)).outcome, 'succeeded');
    assert.equal((await desk.status())?.live, 4);
  });

  it('keeps its number, and is carried out before what is asked next', async () => {
    const { desk, hold, lost } = await recordAlone(bench());
    const next = await desk.apply('v5', {}, 'next');
    assert.deepEqual([next.rollout, next.revision, next.queuedBehind], [5, 5, 3]);
    hold.release();
    assert.equal((await desk.over(lost)).outcome, 'succeeded');
    assert.equal((await desk.over(next)).outcome, 'succeeded');
    const records = await bench().activities.store.catalogue.rollouts(bench().service);
    assert.deepEqual(
      records.map(({ number, outcome }) => [number, outcome]),
      [5, 4, 3, 2, 1].map((number) => [number, 'succeeded']),
    );
  });

  it('is known to what needs no rollout, too', async () => {
    const { desk, hold, lost } = await recordAlone(bench());
    await desk.note({ kind: 'drop', rollout: 4 }, 'drop-it');
    hold.release();
    assert.equal((await desk.over({ ...lost, rollout: 3 })).outcome, 'succeeded');
    assert.equal((await desk.status())?.live, 3);
  });
});

describe('a rollout that has left the queue, and whose workflow task was lost', () => {
  const bench = benchForEach();

  it('does not begin, and has one end', async () => {
    const { activities, service } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    const waiting = await desk.apply('v3');
    await serviceRecordActivities(createRecorder(activities.store)).drop({
      ...{ ref: { service, number: 3, actor: 'bob' }, kind: 'deploy', revision: 3, requestedBy: 'ada' },
      ...{ queuedAt: new Date().toISOString(), at: new Date().toISOString(), because: 'superseded by rollout 4' },
    });
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    const next = await desk.apply('v4');
    assert.deepEqual([next.rollout, next.revision], [4, 4]);
    assert.equal((await desk.over(next)).outcome, 'succeeded');
    const { audit, catalogue } = activities.store;
    const { outcome, because } = (await catalogue.rollout(service, waiting.rollout))!;
    assert.deepEqual([outcome, because], ['aborted', 'superseded by rollout 4']);
    const events = await audit.list({ rollout: formatRolloutName({ service, number: waiting.rollout }) });
    assert.deepEqual(
      events.map(({ type }) => type),
      ['rollout.requested', 'rollout.dropped'],
    );
    assert.equal(activities.called('provision'), 3);
  });
});

describe('a request that is on record too late for its caller', () => {
  const bench = benchForEach();

  // Before a release is described, and before it is decided on.
  for (const step of ['readCommand', 'describe'] as const) {
    it(`is taken back where its workflow task was lost as well, and is looked at again by ${step}`, async () => {
      const { activities, service } = bench();
      const desk = await ServiceBench.live(bench(), 1);
      await desk.over(await desk.apply('v2', {}, 'second'));
      const expiresAt = new Date(Date.now() + 1_500).toISOString();
      activities.on(step, async (effect) => {
        await recordLost(activities.store.catalogue.requests);
        // The workflow's clock may be some milliseconds behind.
        await bench().visible(async () => Date.now() > Date.parse(expiresAt) + 100);
        return effect();
      });
      assert.equal((await refusal(desk.apply('v3', {}, 'late', expiresAt))).type, 'Expired');
      assert.deepEqual(await activities.store.catalogue.requests.queue(service), []);
      const receipt = await desk.apply('v3', {}, 'late');
      await expectFourth(desk, receipt);
    });
  }

  describe('and was taken back by a workflow task that was lost in its turn', () => {
    it('keeps its number', async () => {
      const desk = await ServiceBench.live(bench(), 1);
      await desk.over(await desk.apply('v2', {}, 'second'));
      await dropLost();
      await expectFourth(desk, await desk.apply('v3', {}, 'late'));
    });

    it('keeps it from what was read before, too', async () => {
      const { activities } = bench();
      const desk = await ServiceBench.live(bench(), 1);
      await desk.over(await desk.apply('v2', {}, 'second'));
      const before = activities.called('describe');
      const expiresAt = new Date(Date.now() + 3_000).toISOString();
      const refused = Promise.withResolvers<undefined>();
      activities.on('describe', async (effect) => {
        await bench().visible(async () => activities.called('describe') === before + 2);
        await dropLost();
        await bench().visible(async () => Date.now() > Date.parse(expiresAt) + 100);
        return effect();
      });
      activities.on('describe', async (effect) => {
        await refused.promise;
        return effect();
      });
      const late = refusal(desk.apply('v3', {}, 'late', expiresAt));
      await bench().visible(async () => activities.called('describe') === before + 1);
      const next = desk.apply('v4', {}, 'next');
      assert.equal((await late).type, 'Expired');
      refused.resolve(undefined);
      await expectFourth(desk, await next);
    });

    /** What two lost tasks have put on record: the third rollout was asked for, and taken back. */
    async function dropLost(): Promise<void> {
      const { activities, service } = bench();
      const { requests } = activities.store.catalogue;
      await recordLost(requests);
      const { at } = (await requests.find(service, 'late'))!;
      await serviceRecordActivities(createRecorder(activities.store)).drop({
        ...{ ref: { service, number: 3, actor: 'ada' }, kind: 'deploy', revision: 3, requestedBy: 'ada' },
        ...{ queuedAt: at, at, because: 'it was recorded too late for its caller', forget: { requestId: 'late', at } },
      });
    }
  });

  /** It has the number after the one that was taken back. */
  async function expectFourth(desk: ServiceBench, receipt: Receipt): Promise<void> {
    assert.deepEqual([receipt.rollout, receipt.revision], [4, 4]);
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    const rollouts = await bench().activities.store.catalogue.rollouts(bench().service);
    assert.deepEqual(
      rollouts.map(({ number, outcome }) => [number, outcome]),
      [
        [4, 'succeeded'],
        [3, 'aborted'],
        [2, 'succeeded'],
        [1, 'succeeded'],
      ],
    );
  }

  /** What a lost task has put on record: the third rollout, asked for as `late`. */
  async function recordLost(requests: Catalogue['requests']): Promise<void> {
    const { service } = bench();
    const { entry, receipt, ...answer } = (await requests.find(service, 'second'))!;
    await requests.save({
      ...{ ...answer, requestId: 'late', at: new Date().toISOString() },
      fingerprint: computeFingerprint({ kind: 'apply', spec: spec(service, { artifact: 'v3' }) }),
      receipt: { ...receipt!, rollout: 3, revision: 3 },
      entry: { ...entry!, number: 3, revision: { ...entry!.revision!, number: 3 } },
    });
  }

  /** Recorded, and too late by the time that it is. */
  async function applyLate(desk: ServiceBench): Promise<void> {
    const { activities } = bench();
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    activities.on('accept', passing());
    activities.on('accept', async (effect) => {
      await effect();
      // The workflow's clock may be some milliseconds behind.
      await bench().visible(async () => Date.now() > Date.parse(expiresAt) + 100);
    });
    assert.equal((await refusal(desk.apply('v2', { warm: 7 }, 'late', expiresAt))).type, 'Expired');
  }

  it('leaves the description of the service as it was', async () => {
    const { catalogue } = bench().activities.store;
    const desk = await ServiceBench.live(bench(), 1);
    const before = (await catalogue.service(bench().service))!;
    await applyLate(desk);
    const receipt = await desk.deploy('v3');
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    assert.deepEqual((await catalogue.service(bench().service))?.spec, { ...before.spec, artifact: 'v3' });
  });

  it('leaves no service where there was none', async () => {
    const { catalogue } = bench().activities.store;
    const desk = new ServiceBench(bench());
    await applyLate(desk);
    assert.equal((await refusal(desk.deploy('v3'))).type, 'NotFound');
    assert.deepEqual(await catalogue.services(), []);
    const receipt = await desk.apply('v3');
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
  });

  it('is taken back: nothing is started, and the same request again is a new one', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    await applyLate(desk);
    const receipt = await desk.apply('v2', {}, 'late');
    assert.deepEqual([receipt.rollout, receipt.revision], [3, 3]);
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    assert.equal(activities.called('provision'), 2);
    const dropped = await activities.store.catalogue.rollouts(bench().service);
    assert.deepEqual(
      dropped.map(({ outcome }) => outcome),
      ['succeeded', 'aborted', 'succeeded'],
    );
  });
});
