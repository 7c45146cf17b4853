import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, it } from 'mocha';
import { experimentIds } from '../../src/domain/experiment/run.ts';
import { type Asked, ExperimentBench, LONG_MS, loadProbe, statusOf } from './experiment-bench.ts';
import { benchForEach } from './suite.ts';

describe('a run that somebody starts through Temporal', () => {
  const bench = benchForEach();

  async function start(workflowId: string, argument: unknown): Promise<WorkflowHandle> {
    const { env, taskQueue } = bench();
    return env.client.workflow.start('experiment', { workflowId, taskQueue, args: [argument] });
  }

  it('is none, whatever it is given and is called, and that is on record', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({ schedule: { cron: ['0 2 * * *'] } });
    const input = { v: 1, experiment: desk.key };
    const { environment } = desk.key;
    for (const [workflowId, argument] of [
      [`anything-${environment}`, input],
      [experimentIds.requested(desk.key, randomUUID()), input],
      [`${experimentIds.scheduled(desk.key)}-2026-01-02T03:04:05Z`, input],
      [experimentIds.requested(desk.key, 'a'), { v: 2, experiment: desk.key }],
      [experimentIds.requested(desk.key, 'b'), { v: 1, experiment: { name: 'web--x', environment } }],
      [experimentIds.requested(desk.key, 'c'), null],
      [experimentIds.requested({ ...desk.key, name: 'other' }, 'd'), input],
    ] as const) {
      const result = (await (await start(workflowId, argument)).result()) as object;
      assert.ok('refused' in result, `${workflowId} ${JSON.stringify(argument)}`);
    }
    assert.deepEqual(await desk.store.runs.list(desk.key), []);
    assert.equal(bench().activities.called('takeLeases'), 0);
    const types = (await bench().activities.store.audit.list()).map(({ type }) => type);
    assert.deepEqual([...new Set(types)], ['message.refused']);
  });

  it('is none under the name of another workflow’s run', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply();
    const record = await desk.record();
    await desk.store.runs.begin({ ...startOf(record), firstRunId: randomUUID() });
    const run = await desk.start(record);
    assert.match(((await run.handle.result()) as { refused: string }).refused, /another workflow's/);
  });

  function startOf({ workflowId, status, stacks }: Awaited<ReturnType<ExperimentBench['record']>>) {
    const { experiment, trigger, actor, startedAt: at, deadlineAt } = status;
    return { experiment, workflowId, trigger, actor, at, deadlineAt, stacks };
  }
});

describe('a run whose workflow somebody terminates or sets back', () => {
  const bench = benchForEach();

  async function reset({ handle }: Asked, toTask: number): Promise<WorkflowHandle> {
    const { client, namespace = 'default' } = bench().env;
    const { events } = await handle.fetchHistory();
    const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
    const { runId } = await client.workflowService.resetWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: handle.workflowId, runId: handle.firstExecutionRunId },
      reason: 'a test',
      workflowTaskFinishEventId: tasks.at(toTask)!.eventId!,
      requestId: randomUUID(),
    });
    return client.workflow.getHandle(handle.workflowId, runId);
  }

  it('leaves its leases on record when it is terminated, for the reaper', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({ stay: 'until-ttl' });
    const run = await desk.run();
    await desk.until(run, ({ phase }) => phase === 'hold');
    await run.handle.terminate();
    const leases = await desk.store.leases.list(run.ref);
    assert.deepEqual(
      leases.map(({ variant, workflowId, firstRunId }) => [variant, workflowId, firstRunId]),
      ['blue', 'green'].map((name) => [name, run.handle.workflowId, run.handle.firstExecutionRunId]),
    );
    const [first] = leases;
    assert.equal(first?.deadlineAt, (await desk.store.runs.find(run.ref))?.status.deadlineAt);
    assert.equal((await desk.store.runs.find(run.ref))?.status.outcome, undefined);
  });

  for (const [name, toTask] of [
    ['its beginning', 0],
    ['its second step', 1],
  ] as const) {
    it(`makes no stack when it is set back to ${name} after its end`, async () => {
      const { activities } = bench();
      const desk = new ExperimentBench(bench());
      await desk.apply({ probes: [loadProbe('load')] });
      const run = await desk.run();
      const before = await run.over();
      const made = activities.variants.inputs.length;
      const again = await reset(run, toTask);
      const status = statusOf((await again.result()) as never);
      assert.equal(status.outcome, before.outcome);
      assert.equal(activities.variants.inputs.length, made);
      assert.deepEqual(await desk.left(), []);
      assert.deepEqual((await desk.store.runs.find(run.ref))?.status, before);
    });
  }

  it('goes on with the same stacks when it is set back to its beginning while it lasts', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    await desk.apply({ stay: 'until-ttl', probes: [loadProbe('load')] });
    const run = await desk.run();
    const { deadlineAt } = await desk.until(run, ({ phase }) => phase === 'hold');
    const again = await reset(run, 0);
    await desk.until({ handle: again as never }, ({ phase }) => phase === 'hold');
    assert.equal((await desk.store.leases.list(run.ref)).length, 2);
    assert.equal((await desk.store.runs.find(run.ref))?.status.deadlineAt, deadlineAt);
    assert.equal(activities.variants.most, 2);
    await desk.stop({ ...run, handle: again as never });
    assert.equal(statusOf((await again.result()) as never).outcome, 'stopped');
    assert.deepEqual(await desk.left(), []);
  });
});

describe('a run of a schedule', () => {
  const bench = benchForEach();

  /** Temporal's schedule of an experiment, as it is made of its description; nothing but what a test triggers. */
  async function schedule(desk: ExperimentBench) {
    const { env, taskQueue } = bench();
    return env.client.schedule.create({
      scheduleId: experimentIds.schedule(desk.key),
      spec: { intervals: [{ every: '365d' }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'experiment',
        workflowId: experimentIds.scheduled(desk.key),
        args: [{ v: 1, experiment: desk.key }],
        taskQueue,
      },
      policies: { overlap: 'ALLOW_ALL', catchupWindow: '1m' },
    });
  }

  it('has a number like any other, and is told from one that makes up for a time that was missed', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({ schedule: { every: { everyMs: 365 * 24 * LONG_MS, offsetMs: 0 } }, overlap: 'allow' });
    const created = await schedule(desk);
    await created.trigger();
    await bench().visible(async () => (await ended(desk)).length === 1);
    await created.backfill({ start: new Date('2025-12-01'), end: new Date('2026-01-31'), overlap: 'ALLOW_ALL' });
    await bench().visible(async () => (await ended(desk)).length > 1);
    await created.delete();
    const runs = (await ended(desk)).map(({ status }) => [status.run, status.trigger, status.actor, status.outcome]);
    assert.deepEqual(runs.at(-1), [1, 'schedule', 'schedule', 'succeeded']);
    assert.deepEqual(runs.at(0), [2, 'backfill', 'schedule', 'succeeded']);
    assert.deepEqual(await desk.left(), []);
  });

  it('does not take place while it is paused, and is none once its experiment is deleted', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({ schedule: { every: { everyMs: 365 * 24 * LONG_MS, offsetMs: 0 } } });
    const created = await schedule(desk);
    await desk.store.experiments.setPaused(desk.key, { by: 'bob', at: '2026-01-01T00:00:00.000Z' });
    await created.trigger();
    await bench().visible(async () => (await ended(desk)).length === 1);
    const [{ status }] = (await ended(desk)) as [Awaited<ReturnType<typeof ended>>[number]];
    assert.deepEqual([status.outcome, status.because], ['skipped', 'bob has paused it since 2026-01-01T00:00:00.000Z']);
    await desk.store.experiments.delete(desk.key, '2026-01-02T00:00:00.000Z');
    // Its workflow is named by the second in which it is triggered.
    const nameable = Math.ceil(Date.parse(status.endedAt ?? '') / 1_000) * 1_000;
    await bench().visible(async () => Date.now() > nameable);
    await created.trigger();
    const refused = async () =>
      (await bench().activities.store.audit.list()).filter(({ type }) => type === 'message.refused');
    await bench().visible(async () => (await refused()).length === 1);
    assert.match((await refused())[0]?.reason ?? '', /has no schedule/);
    await created.delete();
  });

  async function ended(desk: ExperimentBench) {
    return (await desk.store.runs.list(desk.key)).filter(({ status }) => status.outcome !== undefined);
  }
});
