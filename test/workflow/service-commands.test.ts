import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ServiceCommand } from '../../src/domain/service/requests.ts';
import { passing } from './faults.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

describe('what is asked of a service without a rollout', () => {
  const bench = benchForEach();

  const marks = async () => {
    const { pinned, bad } = (await bench().activities.store.catalogue.service(bench().service))!;
    return { pinned, bad };
  };

  for (const note of [
    { kind: 'pin', revision: 1 },
    { kind: 'unpin', revision: 1 },
    { kind: 'mark-bad', revision: 1 },
  ] as ServiceCommand[]) {
    it(`is answered once for a request id: ${note.kind}`, async () => {
      const desk = await ServiceBench.live(bench(), 2);
      const told = await desk.note(note, 'same');
      await desk.note({ kind: 'unpin', revision: 1 });
      const lists = await marks();
      assert.equal(await desk.note(note, 'same'), told);
      assert.deepEqual(await marks(), lists);
      const { type, message } = await refusal(desk.note({ ...note, revision: 2 } as ServiceCommand, 'same'));
      assert.deepEqual([type, message], ['Conflict', 'request id same was used before with other content']);
      assert.equal((await refusal(desk.apply('v9', {}, 'same'))).type, 'Conflict');
    });
  }

  it('is answered once for a request id: drop, also when it comes twice at the same time', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    const { rollout } = await desk.apply('v3', {}, 'applied');
    const drop: ServiceCommand = { kind: 'drop', rollout };
    const [one, other] = await Promise.all([desk.note(drop, 'same'), desk.note(drop, 'same')]);
    assert.equal(one, other);
    assert.equal(await desk.note(drop, 'same'), one);
    assert.equal((await refusal(desk.note(drop))).type, 'NotFound');
    assert.equal((await refusal(desk.note(drop, 'applied'))).type, 'Conflict');
    assert.equal(bench().activities.called('drop'), 1);
    hold.release();
    await desk.over(running);
  });

  it('is on record whole when many ask at the same time, some of it at the second attempt', async () => {
    const desk = await ServiceBench.live(bench(), 3, { warm: 2 });
    bench().activities.on('mark', passing(), { times: 2 });
    await Promise.all([
      desk.note({ kind: 'pin', revision: 1 }),
      desk.note({ kind: 'pin', revision: 2 }),
      desk.note({ kind: 'mark-bad', revision: 1 }),
      desk.note({ kind: 'pin', revision: 3 }),
      desk.note({ kind: 'mark-bad', revision: 2 }),
    ]);
    const { pinned, bad } = await marks();
    assert.deepEqual(
      [pinned.toSorted(), bad.toSorted()],
      [
        [1, 2, 3],
        [1, 2],
      ],
    );
    const { revisions } = (await desk.status())!;
    assert.deepEqual(
      revisions.map((each) => [each.number, each.pinned ?? false, each.bad ?? false]),
      [
        [3, true, false],
        [2, true, true],
        [1, true, true],
      ],
    );
  });

  it('shows only once it is on record', async () => {
    const desk = await ServiceBench.live(bench(), 2);
    bench().activities.on('mark', passing());
    const hold = bench().activities.hold('mark');
    const asked = desk.note({ kind: 'pin', revision: 1 });
    await hold.reached;
    assert.ok(!(await desk.status())?.revisions.some(({ pinned }) => pinned));
    hold.release();
    await asked;
    assert.ok((await desk.status())?.revisions.some(({ pinned }) => pinned));
  });

  it('does not let a rollout begin that is on its way out of the queue', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    const { rollout } = await desk.apply('v3');
    activities.on('drop', passing());
    const dropping = activities.hold('drop');
    const asked = desk.note({ kind: 'drop', rollout });
    await dropping.reached;
    hold.release();
    await desk.until(({ last, running: now }) => last === running.rollout && now === undefined);
    dropping.release();
    await asked;
    assert.equal(activities.called('provision'), 2);
    assert.equal((await desk.over(await desk.apply('v4'))).outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r4: 100, r2: 0 });
  });
});

describe('a pin while a rollout runs', () => {
  const bench = benchForEach();

  it('counts for that one, as long as it has not settled', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    const hold = activities.hold('bake');
    const running = await desk.apply('v3', { bakeMs: 20 });
    await hold.reached;
    await desk.note({ kind: 'pin', revision: 1 });
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0, r1: 0 });
    assert.equal(activities.called('destroy'), 0);
  });

  const TOO_LATE = /r1 is on its way out: a rollout has settled without it/;

  it('is refused when it comes too late, as a dry run of it is', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    const hold = activities.hold('destroy');
    const running = await desk.apply('v3');
    await hold.reached;
    const pin = { kind: 'pin', revision: 1 } as const;
    assert.match((await refusal(desk.dryRun(pin, 'late'))).message, TOO_LATE);
    const { type, message } = await refusal(desk.note(pin, 'late'));
    assert.equal(type, 'Refused');
    assert.match(message, TOO_LATE);
    assert.equal(activities.called('mark'), 0);
    hold.release();
    await desk.over(running);
  });

  it('leaves no mark where the rollout settles while it is put on record', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    const bake = activities.hold('bake');
    const running = await desk.apply('v3', { bakeMs: 20 });
    await bake.reached;
    activities.on('mark', passing());
    const marking = activities.hold('mark');
    const asked = refusal(desk.note({ kind: 'pin', revision: 1 }, 'late'));
    await marking.reached;
    const hold = activities.hold('destroy');
    bake.release();
    await hold.reached;
    marking.release();
    const { type, message } = await asked;
    assert.equal(type, 'Refused');
    assert.match(message, TOO_LATE);
    hold.release();
    await desk.over(running);
    const { catalogue, audit } = activities.store;
    assert.deepEqual((await catalogue.service(bench().service))?.pinned, []);
    const types = (await audit.list()).map((event) => event.type);
    assert.ok(types.includes('revision.pin.taken-back'));
  });

  it('keeps the revision when it comes while the rollout settles', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    // Just after what goes is on record, and before the pins are looked for once more.
    activities.on('settle', async (effect) => {
      const { catalogue } = activities.store;
      const service = catalogue.service.bind(catalogue);
      let looks = 0;
      catalogue.service = async (key) => {
        looks += 1;
        if (looks === 2) {
          catalogue.service = service;
          await catalogue.saveMarks(key, { pinned: [1], bad: [] });
        }
        return service(key);
      };
      return effect();
    });
    assert.equal((await desk.over(await desk.apply('v3'))).outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0, r1: 0 });
    assert.equal((await activities.store.catalogue.revision(bench().service, 1))?.state, 'warm');
    assert.equal(activities.called('destroy'), 0);
  });
});
