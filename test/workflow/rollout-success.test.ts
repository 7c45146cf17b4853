import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';
import { passing } from './faults.ts';

describe('rollout that succeeds', () => {
  const bench = benchForEach();

  it('makes a first revision live', async () => {
    const { activities, service } = bench();
    const handle = await bench().start(input(spec(service), { to: 1 }));
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(revisionSet.live?.revision.number, 1);
    assert.deepEqual(activities.steps, ['open', 'provision', 'check', 'shift', 'settle', 'close']);
    assert.deepEqual(activities.router.weights, { r1: 100 });
    assert.equal((await activities.store.audit.verify()).ok, true);
  });

  for (const [warm, kept, retired] of [
    [0, [], ['drain', 'shift', 'destroy', 'destroy']],
    [1, [3], ['drain', 'shift', 'destroy']],
    [2, [3, 2], []],
  ] as const) {
    it(`keeps ${warm} warm, and takes the others out of the route before they are destroyed`, async () => {
      const { activities, service } = bench();
      const handle = await bench().start(input(spec(service, { warm }), { to: 4, live: 3, warm: [2] }));
      const { status, revisionSet } = await handle.result();
      assert.equal(status.outcome, 'succeeded');
      assert.deepEqual(
        revisionSet.warm.map((each) => each.revision.number),
        kept,
      );
      assert.deepEqual(activities.steps.slice(5), [...retired, 'close']);
      assert.deepEqual(activities.stacks.names, [...kept, 4].map((each) => `r${each}`).sort());
      assert.deepEqual(Object.keys(activities.router.weights).sort(), activities.stacks.names);
    });
  }

  it('retires the oldest first', async () => {
    const { activities, service } = bench();
    const handle = await bench().start(input(spec(service, { warm: 0 }), { to: 5, live: 4, warm: [3, 2] }));
    await handle.result();
    const settled = activities.calls.find(({ name }) => name === 'settle')?.task as { retire: number[] };
    assert.deepEqual(settled.retire, [2, 3, 4]);
  });

  it('repeats as ordinary activities what did not work in place, and goes on', async () => {
    const { activities, service } = bench();
    for (const name of ['open', 'settle', 'close'] as const) activities.on(name, passing());
    activities.on('shift', passing(), { times: 2 });
    activities.on('check', passing());
    const handle = await bench().start(input(spec(service), { to: 2, live: 1 }));
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    const shifts = activities.calls.filter(({ name }) => name === 'shift');
    assert.deepEqual(
      shifts.map(({ local, attempt }) => ({ local, attempt })),
      [
        { local: true, attempt: 1 },
        { local: false, attempt: 1 },
        { local: false, attempt: 2 },
      ],
    );
    assert.equal(activities.router.writes.length, 2);
  });
});

describe('rollback', () => {
  const bench = benchForEach();

  it('to a warm revision asks once more how it is, writes one route, and provisions nothing', async () => {
    const { activities, service } = bench();
    const handle = await bench().start(
      input(spec(service, { bakeMs: 1000 }), { kind: 'rollback', to: 1, live: 2, warm: [1] }),
    );
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(activities.steps, ['open', 'recheck', 'shift', 'settle', 'close']);
    assert.deepEqual(activities.router.weights, { r1: 100, r2: 0 });
    assert.deepEqual(
      [revisionSet.live?.revision.number, revisionSet.warm.map((each) => each.revision.number)],
      [1, [2]],
    );
  });

  it('to a retired revision provisions it again as it was recorded', async () => {
    const { activities, service } = bench();
    const task = input(spec(service, { artifact: 'recorded' }), { kind: 'rollback', to: 1, live: 2 });
    const handle = await bench().start(task);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    const provisioned = activities.calls.find(({ name }) => name === 'provision')?.task as { revision: unknown };
    assert.equal(provisioned.revision, task.revision?.number);
    assert.deepEqual(activities.steps, ['open', 'provision', 'check', 'shift', 'settle', 'close']);
  });

  it('with nothing to go back to fails and says so', async () => {
    const { activities, service } = bench();
    const handle = await bench().start(input(spec(service), { kind: 'rollback', live: 1 }));
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /no previous revision/);
    assert.equal(revisionSet.live?.revision.number, 1);
    assert.deepEqual(activities.steps, ['open', 'close']);
  });

  it('to what is live already changes nothing', async () => {
    const { activities, service } = bench();
    const handle = await bench().start(input(spec(service), { kind: 'rollback', to: 2, live: 2, warm: [1] }));
    const { status, revisionSet } = await handle.result();
    assert.deepEqual([status.outcome, status.phases[0]?.note], ['succeeded', 'r2 is live already']);
    assert.equal(revisionSet.live?.revision.number, 2);
    assert.deepEqual(activities.steps, ['open', 'close']);
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
    assert.equal(activities.called('provision'), 0);
  });
});

describe('removal', () => {
  const bench = benchForEach();

  it('lets nobody in first, drains, then takes the route and every stack away', async () => {
    const { activities, service } = bench();
    const handle = await bench().start(input(spec(service), { kind: 'remove', live: 2, warm: [1] }));
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(revisionSet, { warm: [] });
    assert.deepEqual(activities.steps, [
      'open',
      'shift',
      'settle',
      'drain',
      'removeRoute',
      'destroy',
      'destroy',
      'close',
    ]);
    assert.deepEqual(activities.stacks.names, []);
    assert.notEqual((await activities.store.catalogue.service(service))?.removedAt, undefined);
  });
});
