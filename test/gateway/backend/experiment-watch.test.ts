import assert from 'node:assert/strict';
import { Client, Connection, ScheduleNotFoundError } from '@temporalio/client';
import { describe, it } from 'mocha';
import { experimentIds } from '../../../src/domain/experiment/run.ts';
import { findFreePort } from '../../../src/dev/ports.ts';
import { by, experimentBenchForEach, hourly, onDemand } from './experiment-bench.ts';

describe('what is on record of experiments and did not reach Temporal', () => {
  const bench = experimentBenchForEach();

  /** A gateway whose Temporal does not answer. */
  async function cutOff() {
    const connection = Connection.lazy({ address: `127.0.0.1:${await findFreePort(0)}`, connectTimeout: 100 });
    return bench().gateway(new Client({ connection }));
  }

  it('is a schedule that a worker makes', async () => {
    const spec = hourly();
    const answer = await (await cutOff()).apply(spec, by());
    assert.match(answer, /is created: .*\. Temporal has not followed yet \(.*\); a worker sees to that every 15 s$/);
    const { warnings, nextRuns } = await bench().experiments.view(spec.experiment);
    assert.match(warnings.join(), /Temporal has no schedule of \S+; a worker makes it within 15 s/);
    assert.deepEqual(nextRuns, []);
    using _watch = bench().watch();
    await bench().holds('there is a schedule', async () => (await bench().schedule(spec)) !== undefined);
    const after = await bench().experiments.view(spec.experiment);
    assert.deepEqual(after.warnings, []);
    assert.equal(after.nextRuns.length, 5);
  });

  it('is a schedule that somebody deleted, changed, or paused beside Supplant', async () => {
    const { env, experiments } = bench();
    const spec = hourly();
    await experiments.apply(spec, by());
    const handle = env.client.schedule.getHandle(experimentIds.schedule(spec.experiment));
    const said: string[] = [];
    using _watch = bench().watch({ log: (message) => said.push(message) });
    await handle.delete();
    await bench().holds('it is made again', async () => (await bench().schedule(spec)) !== undefined);
    await handle.pause('by hand');
    await bench().holds('it goes on', async () => (await bench().schedule(spec))?.state.paused === false);
    assert.equal((await bench().schedule(spec))?.state.note, 'version 1');
    assert.match(said.join('\n'), /a schedule was not as recorded; it is created/);
  });

  it('is a change of a schedule, a pause, and a deletion', async () => {
    const { experiments } = bench();
    const spec = hourly();
    await experiments.apply(spec, by());
    const gateway = await cutOff();
    await gateway.apply({ ...spec, schedule: { every: { everyMs: 7_200_000, offsetMs: 0 } } }, by());
    assert.deepEqual((await bench().schedule(spec))?.spec.intervals?.[0]?.every, 3_600_000);
    using _watch = bench().watch();
    await bench().holds('it is every 2 h', async () => {
      return (await bench().schedule(spec))?.spec.intervals?.[0]?.every === 7_200_000;
    });
    await gateway.pause(spec.experiment, by());
    await bench().holds('it is paused', async () => (await bench().schedule(spec))?.state.paused === true);
    await gateway.delete(spec.experiment, by());
    await bench().holds('it is gone', async () => (await bench().schedule(spec)) === undefined);
  });

  it('is that there is no such experiment, and no others’ schedules are touched', async () => {
    const { env, taskQueue } = bench();
    const action = { type: 'startWorkflow', workflowType: 'experiment', taskQueue } as const;
    const far = { intervals: [{ every: '1000h' }] };
    const mine = await env.client.schedule.create({ scheduleId: 'reaper', spec: far, action });
    const gone: unknown[] = [];
    using _watch = bench().watch({ log: (_message, { schedule }) => gone.push(schedule) });
    for (const scheduleId of ['experiment/nobody/production', 'experiment/what is this']) {
      const nobody = await env.client.schedule.create({ scheduleId, spec: far, action });
      // Temporal keeps who asks for a schedule that is just being deleted waiting for half a minute.
      await bench().holds('it is deleted', () => gone.includes(scheduleId));
      await assert.rejects(nobody.describe(), ScheduleNotFoundError);
    }
    assert.equal((await mine.describe()).scheduleId, 'reaper');
    await mine.delete();
  });

  it('is a run that begins once its start is found to be lost', async () => {
    const { experiments } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    const { run, effect } = await (await cutOff()).run(experiment, by());
    assert.match(effect, /Temporal has not followed yet/);
    const ref = { experiment, run: run! };
    const { status } = await experiments.viewRun(ref);
    assert.match(status.wait?.on ?? '', /its workflow, which has not begun; what is shown is as recorded/);
    using _watch = bench().watch({ startMs: 0 });
    const handle = await bench().workflowOf(ref);
    await bench().holds('it runs', () =>
      handle
        .describe()
        .then(() => true)
        .catch(() => false),
    );
    assert.deepEqual((await handle.describe()).status.name, 'RUNNING');
    assert.equal((await experiments.viewRun(ref)).status.wait, undefined);
  });

  it('is no run that has begun, that is over, or that is only just asked for', async () => {
    const { experiments, store, env, taskQueue } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const start = { experiment, trigger: 'person', actor: 'ada', deadlineAt: at, stacks: 2 } as const;
    const id = (name: string) => experimentIds.requested(experiment, name);
    await store.experiments.runs.begin({ ...start, at, workflowId: id('begun'), firstRunId: 'x' });
    await store.experiments.runs.begin({ ...start, at, workflowId: id('over') });
    await bench().end({ experiment, run: 2 });
    await store.experiments.runs.begin({ ...start, at: new Date().toISOString(), workflowId: id('new') });
    const scheduled = `${experimentIds.scheduled(experiment)}-2026-01-01T00:00:00Z`;
    await store.experiments.runs.begin({ ...start, at, workflowId: scheduled });
    await store.experiments.runs.begin({ ...start, at, workflowId: id('lost') });
    using _watch = bench().watch({ startMs: 600_000 });
    const lost = env.client.workflow.getHandle(id('lost'));
    await bench().holds('the lost one begins', () =>
      lost
        .describe()
        .then(() => true)
        .catch(() => false),
    );
    const found: string[] = [];
    await bench().holds('it is listed', async () => {
      found.length = 0;
      for await (const { workflowId } of env.client.workflow.list({ query: `TaskQueue = '${taskQueue}'` }))
        found.push(workflowId);
      return found.includes(id('lost'));
    });
    assert.deepEqual(
      found.filter((workflowId) => workflowId.includes(experiment.name)),
      [id('lost')],
    );
  });

  it('is that a run is to end, which it is told once', async () => {
    const { experiments, store } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    await experiments.run(experiment, by());
    await experiments.run(experiment, by());
    const [first, second] = [1, 2].map((run) => ({ experiment, run }));
    await (await cutOff()).stop(first!, by());
    using _watch = bench().watch();
    await bench().holds('it is told', async () => (await bench().told(first!)) === 1);
    await store.experiments.runs.ask(second!, { stop: { by: 'ada', outcome: 'stopped' } });
    await bench().holds('the other one is told', async () => (await bench().told(second!)) === 1);
    assert.equal(await bench().told(first!), 1);
  });

  it('is that the experiment of a run was deleted', async () => {
    const { experiments, store } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    await experiments.run(experiment, by());
    await store.experiments.experiments.delete(experiment, new Date().toISOString());
    using _watch = bench().watch();
    await bench().holds('it is told', async () => (await bench().told({ experiment, run: 1 })) === 1);
    const record = await store.experiments.runs.find({ experiment, run: 1 });
    assert.match(record?.stop?.reason ?? '', /was deleted at/);
  });

  it('is that a run was extended while it took its leases', async () => {
    const { experiments, store } = bench();
    const spec = onDemand();
    const ref = { experiment: spec.experiment, run: 1 };
    await experiments.apply(spec, by());
    await experiments.run(spec.experiment, by());
    const { startedAt, deadlineAt } = (await store.experiments.runs.find(ref))!.status;
    await experiments.extend(ref, 60_000, by());
    const blueprint = { name: 'b', digest: 'd', config: {} };
    const lease = { project: 'production', stack: 'a', run: ref, variant: 'blue', artifact: 'v1', blueprint };
    await store.experiments.leases.take([
      { ...lease, workflowId: 'w', firstRunId: 'f', takenAt: startedAt, deadlineAt },
    ]);
    using _watch = bench().watch();
    await bench().holds('the lease lasts as long', async () => {
      const [found] = await store.experiments.leases.list(ref);
      return Date.parse(found!.deadlineAt) === Date.parse(deadlineAt) + 60_000;
    });
  });

  it('forgets what was answered to changes long ago', async () => {
    const { changes } = bench().store.experiments;
    const key = { name: 'nightly', environment: 'production' };
    const answered = (requestId: string, days: number) => {
      const at = new Date(Date.now() - days * 86_400_000).toISOString();
      return changes.remember(key, { requestId, fingerprint: 'f', at, answer: 'applied' });
    };
    await answered('old', 31);
    await answered('young', 29);
    using _watch = bench().watch();
    await bench().holds('it is forgotten', async () => (await changes.recall(key, 'old')) === undefined);
    assert.ok(await changes.recall(key, 'young'));
  });

  it('forgets results that were kept long enough', async () => {
    const { results } = bench().store.experiments;
    const measured = {
      kind: 'check',
      variant: 'blue',
      probe: 'up',
      verdict: 'pass',
      attempts: 1,
      passed: 1,
    } as const;
    const times = { evidence: '', from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:01.000Z' };
    const { experiment } = onDemand();
    const [old, kept] = [1, 2].map((run) => ({ experiment, run }));
    await results.saveMeasurement(old!, { ...measured, ...times }, new Date(Date.now() - 1).toISOString());
    await results.saveMeasurement(kept!, { ...measured, ...times }, new Date(Date.now() + 3_600_000).toISOString());
    using _watch = bench().watch();
    await bench().holds('they are gone', async () => (await results.find(old!)) === undefined);
    assert.ok(await results.find(kept!));
  });
});
