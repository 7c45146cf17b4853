import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, it } from 'mocha';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { act } from './act.ts';
import { input, spec } from './samples.ts';
import { ServiceBench, isOver, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

/** What is on record of messages that were refused: what kind, and of which service. */
function refused(bench: ReturnType<ReturnType<typeof benchForEach>>) {
  return async (): Promise<[string, string, unknown][]> => {
    const events = (await bench.activities.store.audit.list()).filter(({ type }) => type === 'message.refused');
    return events.map(({ subject, actor, data }) => [subject, actor, data.message ?? data.kind]);
  };
}

describe('a workflow that somebody starts through Temporal', () => {
  const bench = benchForEach();
  const subject = () => `web/${bench().service.environment}`;

  async function start(type: string, workflowId: string, argument: unknown): Promise<WorkflowHandle> {
    const { env, taskQueue } = bench();
    return env.client.workflow.start(type, { workflowId, taskQueue, args: [argument] });
  }

  it('is no rollout, however well it is made: nothing is done, nobody is named, and that is on record', async () => {
    const { activities, service } = bench();
    const sample = { ...input(spec(service), { to: 2, live: 1 }), actor: 'root' };
    await bench().prepare(sample);
    const { described: _described, ...task } = sample;
    const handle = await start('rollout', workflowIds.rollout(service, 50), task);
    assert.match(((await handle.result()) as { refused: string }).refused, /started by its service/);
    assert.deepEqual(activities.steps, ['refuse']);
    assert.deepEqual(await refused(bench())(), [[subject(), 'supplant', 'start-of-rollout']]);
  });

  it('is no rollout that its service would start, when it was not asked for like that', async () => {
    const { activities, service } = bench();
    const sample = input(spec(service), { to: 2, live: 1 });
    await bench().prepare(sample);
    for (const wrong of [
      { actor: 'root' },
      { kind: 'remove' as const },
      {
        revisionSet: { warm: [], live: { ...sample.revisionSet.live!, endpoints: [{ host: '192.0.2.1', port: 80 }] } },
      },
    ]) {
      const { described: _described, ...task } = sample;
      const handle = await bench().startAsService('rollout', workflowIds.rollout(service, 50), { ...task, ...wrong });
      assert.match(((await handle.result()) as { refused: string }).refused, /recorded/);
    }
    assert.ok(!activities.steps.some((step) => ['provision', 'shift', 'close', 'removeRoute'].includes(step)));
    const written = (await activities.store.audit.list()).map(({ actor }) => actor);
    assert.ok(!written.includes('root'));
  });

  it('is no teardown', async () => {
    const { activities, service } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const ref = { service, number: 1, actor: 'root' };
    const task = {
      v: 2,
      ref,
      revision: 1,
      becomes: 'retired',
      because: 'x',
      attempts: 0,
      since: new Date().toISOString(),
      retryMs: 20,
    };
    const handle = await start('teardown', workflowIds.teardown(service, 1), task);
    assert.ok('refused' in ((await handle.result()) as object));
    assert.deepEqual(activities.stacks.names, ['r1']);
    assert.equal((await desk.status())?.live, 1);
  });

  it('is no service with a state of somebody’s making, nor one under another id', async () => {
    const { service } = bench();
    const forged = {
      v: 2,
      key: service,
      lastRevision: 0,
      lastRollout: 0,
      revisionSet: { warm: [] },
      queue: [{ number: 1 }],
    };
    for (const [id, argument] of [
      [workflowIds.service(service), forged],
      ['service/other', { key: service }],
      [`service/${service.name}/x`, { key: service }],
      [workflowIds.service(service), null],
    ] as const) {
      const handle = await start('service', id, argument);
      assert.ok('refused' in ((await handle.result()) as object));
    }
    assert.ok((await refused(bench())()).length >= 3);
  });

  for (const type of ['rollout', 'teardown', 'service']) {
    it(`comes to its end whatever it is given: ${type}`, async () => {
      for (const [index, argument] of [
        null,
        undefined,
        1,
        'x',
        [],
        {},
        { v: 2 },
        { v: 2, revisionSet: null },
      ].entries()) {
        const handle = await start(type, `anything-${type}-${index}-${bench().service.environment}`, argument);
        assert.ok('refused' in ((await handle.result()) as object));
      }
    });
  }
});

describe('a message that a workflow cannot use', () => {
  const bench = benchForEach();

  it('is ignored by a service, on record, and takes nothing from anybody', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const { handle } = desk;
    for (const bad of [null, undefined, {}, [], 'x', 7, { revision: 'r1' }, { revision: 1, rollout: '1' }]) {
      await handle.signal('teardownReport', bad);
    }
    assert.equal((await desk.over(await desk.apply('v2'))).outcome, 'succeeded');
    const found = await refused(bench())();
    assert.equal(found.length, 8);
    assert.deepEqual(found[0], [`web/${bench().service.environment}`, 'supplant', 'teardownReport-1']);
  });

  it('is not believed by a service where the record says otherwise, however well it is made', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2, { warmForMs: 3_600_000 });
    const destroying = activities.hold('destroy');
    await desk.apply('v2', { warm: 0 });
    await destroying.reached;
    // r1 is on its way out: nobody may go back to it before it is gone.
    for (const rollout of [1, 2]) await desk.handle.signal('teardownReport', { revision: 1, rollout });
    await desk.handle.signal('teardownReport', { revision: 2, rollout: 2 });
    assert.match((await refusal(desk.rollback(1))).message, /r1 is being torn down/);
    const found = await refused(bench())();
    assert.deepEqual(
      found.map(([, , what]) => what),
      ['teardownReport-1', 'teardownReport-2', 'teardownReport-3'],
    );
    destroying.release();
    await bench().visible(async () => (await desk.rollback(1).catch(() => undefined)) !== undefined);
  });

  it('does not have a service take a rollout for put back that goes on', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    for (const stage of ['asked', 'begun'])
      await desk.handle.signal('putBackReport', { rollout: running.rollout, stage });
    // Measured against the rollout that goes on.
    assert.equal((await desk.apply('v2')).rollout, running.rollout);
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    assert.deepEqual(
      (await refused(bench())()).map(([, , what]) => what),
      ['putBackReport-1', 'putBackReport-2'],
    );
  });

  it('does not have a rollout put back that nothing on record supersedes', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('provision');
    const running = await desk.apply('v2');
    await hold.reached;
    const waiting = await desk.apply('v3');
    // Itself, one before it, one that waits its turn, one that nobody asked for.
    for (const by of [running.rollout, 1, waiting.rollout, 99])
      await desk.rollout(running.rollout).signal('supersede', by);
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    assert.equal((await desk.over(waiting)).outcome, 'succeeded');
    assert.equal((await refused(bench())()).length, 4);
  });

  it('is put on record twenty times at most', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    for (let count = 0; count < 30; count += 1) await desk.handle.signal('teardownReport', count);
    assert.equal((await desk.over(await desk.apply('v2'))).outcome, 'succeeded');
    assert.equal((await refused(bench())()).length, 20);
  });

  it('is ignored by a rollout, on record', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('check');
    const handle = await bench().start(input(spec(service), { to: 2, live: 1 }));
    await hold.reached;
    for (const bad of [{}, null, '', 7]) await handle.signal('supersede', bad as never);
    await handle.signal('stillThere', { any: 'thing' } as never);
    hold.release();
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.equal((await refused(bench())()).length, 4);
  });

  it('is refused where it is a command that no gateway has put on record', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    for (const update of ['apply', 'deploy', 'rollback', 'remove', 'note']) {
      for (const bad of [
        null,
        {},
        { command: 7 },
        { command: '' },
        { spec: {} },
        { command: 'x', expiresAt: 'soon' },
      ]) {
        const asked = desk.handle.executeUpdate(update, { args: [bad] });
        assert.equal((await refusal(asked)).type, 'Invalid');
      }
      const { type } = await refusal(desk.handle.executeUpdate(update, { args: [{ command: 'made-up' }] }));
      assert.equal(type, 'NotRecorded');
    }
    assert.equal((await desk.status())?.live, 1);
    const found = await refused(bench())();
    assert.deepEqual(new Set(found.map(([, , what]) => what)), new Set(['apply']));
  });

  it('is refused where the command is another kind’s, or another service’s', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const change = { actor: 'ada', requestId: 'mine' };
    const { commands } = bench().activities.store.catalogue;
    const at = new Date().toISOString();
    await commands.save({ id: 'c', service: bench().service, asked: { kind: 'deploy', artifact: 'v2' }, change, at });
    await commands.save({
      id: 'd',
      service: { name: 'other', environment: 'test' },
      asked: { kind: 'remove' },
      change,
      at,
    });
    assert.equal(
      (await refusal(desk.handle.executeUpdate('remove', { args: [{ command: 'c' }] }))).type,
      'NotRecorded',
    );
    assert.equal(
      (await refusal(desk.handle.executeUpdate('remove', { args: [{ command: 'd' }] }))).type,
      'NotRecorded',
    );
    assert.equal(await isOver(desk.handle), false);
  });

  it('is refused by a rollout, on record, where no gateway has put it on record', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('check');
    const handle = await bench().start(input(spec(service), { to: 2, live: 1 }));
    await hold.reached;
    for (const by of [null, 7, {}, [], { actor: 'ada' }, { command: '' }, { command: {} }]) {
      assert.equal((await refusal(handle.executeUpdate('pause', { args: [by as never] }))).type, 'Invalid');
    }
    const { commands } = activities.store.catalogue;
    const asked = { kind: 'verb' as const, verb: 'abort' as const, rollout: 50 };
    const save = (id: string, more: object) =>
      commands.save({
        id,
        service,
        asked: { ...asked, ...more },
        change: { actor: 'ada', requestId: id },
        at: new Date().toISOString(),
      });
    await save('another-rollout', { rollout: 49 });
    await save('another-verb', { verb: 'pause' });
    await commands.save({
      id: 'a-request',
      service,
      asked: { kind: 'remove' },
      change: { actor: 'ada', requestId: 'r' },
      at: new Date().toISOString(),
    });
    for (const command of ['made-up', 'another-rollout', 'another-verb', 'a-request']) {
      assert.equal((await refusal(handle.executeUpdate('abort', { args: [{ command }] }))).type, 'NotRecorded');
    }
    const tried = await refused(bench())();
    assert.deepEqual(new Set(tried.map(([, , what]) => what)), new Set(['abort of rollout 50']));
    assert.equal(tried.length, 4);
    await save('recorded', { verb: 'pause' });
    await handle.executeUpdate('pause', { args: [{ command: 'recorded' }] });
    const events = await activities.store.audit.list({ rollout: `web/${service.environment}#50` });
    const [pause] = events.filter(({ type }) => type === 'rollout.asked');
    assert.deepEqual([pause?.actor, pause?.data.verb], ['ada', 'pause']);
    await act(bench(), handle, 'resume');
    hold.release();
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });
});
