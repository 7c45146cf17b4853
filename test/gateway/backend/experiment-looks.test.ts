import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunStatus } from '../../../src/domain/experiment/run.ts';
import { by, experimentBenchForEach, hourly, onDemand } from './experiment-bench.ts';
import { endSignal, tellSignal } from './experiment-workflow.ts';

describe('looks at experiments', () => {
  const bench = experimentBenchForEach();

  async function running() {
    const { experiments, store } = bench();
    const spec = onDemand();
    await experiments.apply(spec, by());
    const { run } = await experiments.run(spec.experiment, by());
    const ref = { experiment: spec.experiment, run: run! };
    const { status } = (await store.experiments.runs.find(ref))!;
    return { ref, status, handle: await bench().workflowOf(ref) };
  }

  it('ask a run’s workflow while it goes on, and the record afterwards', async () => {
    const { experiments } = bench();
    const { ref, status, handle } = await running();
    const probing: RunStatus = { ...status, phase: 'probe' };
    await handle.signal(tellSignal, probing);
    const view = await experiments.viewRun(ref);
    assert.deepEqual(view.status, probing);
    assert.equal(view.uiLink, `http://ui/namespaces/default/workflows/${encodeURIComponent(handle.workflowId)}`);
    assert.ok(view.sentences.length > 0);
    await bench().end(ref);
    assert.equal((await experiments.viewRun(ref)).status.outcome, 'succeeded');
  });

  it('say that a run’s workflow is gone before it was over', async () => {
    const { experiments } = bench();
    const { ref, handle } = await running();
    await handle.terminate();
    const { status } = await experiments.viewRun(ref);
    assert.match(status.wait?.on ?? '', /its workflow, which has terminated; what is shown is as recorded/);
    assert.equal(status.wait?.endedBy, 'the reaper');
  });

  it('list experiments and runs by the record, with what goes on and what is over', async () => {
    const { experiments } = bench();
    const { ref } = await running();
    const { experiment } = ref;
    await bench().end(ref);
    await experiments.run(experiment, by());
    const other = hourly();
    await experiments.apply(other, by());
    const [first] = (await experiments.list()).filter(({ spec }) => spec.experiment.name === experiment.name);
    assert.deepEqual([first?.lastRun?.status.run, first?.openRuns.map(({ status }) => status.run)], [1, [2]]);
    const [second] = (await experiments.list()).filter(({ spec }) => spec.experiment.name === other.experiment.name);
    assert.equal(second?.nextRuns.length, 5);
    assert.deepEqual(
      (await experiments.listRuns(experiment)).map(({ status }) => status.run),
      [2, 1],
    );
    assert.deepEqual(
      (await experiments.listRuns(experiment, { limit: 1 })).map(({ status }) => status.run),
      [2],
    );
    assert.deepEqual(await experiments.listRuns(other.experiment), []);
    const view = await experiments.view(experiment);
    assert.deepEqual(
      view.openRuns.map(({ status }) => status.run),
      [2],
    );
    assert.equal(view.lastRun?.status.run, 1);
  });

  it('warn of a schedule that is over', async () => {
    const { experiments, store } = bench();
    const schedule = { every: { everyMs: 3_600_000, offsetMs: 0 }, endAt: '2026-01-01T00:00:00Z' };
    const spec = hourly({ schedule });
    await store.experiments.experiments.save(spec);
    const { nextRuns, warnings } = await experiments.view(spec.experiment);
    assert.deepEqual(nextRuns, []);
    assert.match(warnings.join(), /is over since 2026-01-01T00:00:00Z: no run begins by itself/);
  });

  it('follow a run until it is over', async () => {
    const { experiments } = bench();
    const { ref, status, handle } = await running();
    const seen = experiments.watchRun(ref, new AbortController().signal);
    const next = async (): Promise<RunStatus | undefined> => {
      const next = await seen.next();
      return next.done === true ? undefined : next.value.status;
    };
    assert.equal((await next())?.phase, 'lease');
    await handle.signal(tellSignal, { ...status, phase: 'provision' });
    assert.equal((await next())?.phase, 'provision');
    await bench().end(ref);
    await handle.signal(endSignal);
    assert.equal((await next())?.outcome, 'succeeded');
    assert.equal(await next(), undefined);
  });

  it('follow a run until nobody wants to know', async () => {
    const { ref } = await running();
    const control = new AbortController();
    const seen = bench().experiments.watchRun(ref, control.signal);
    await seen.next();
    const rest = seen.next();
    control.abort();
    assert.equal((await rest).done, true);
    const none = bench().experiments.watchRun({ ...ref, run: 9 }, new AbortController().signal);
    await assert.rejects(none.next(), { reason: 'NOT_FOUND' });
  });

  it('show what a run has found out', async () => {
    const { experiments, store } = bench();
    const { ref } = await running();
    const missing = { reason: 'NOT_FOUND', message: /has no results: it has measured nothing yet/ };
    await assert.rejects(experiments.results(ref), missing);
    const times = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:01.000Z' };
    const found = { kind: 'check', variant: 'blue', probe: 'up', verdict: 'pass', attempts: 1, passed: 1 } as const;
    const keptUntil = '2027-01-01T00:00:00.000Z';
    await store.experiments.results.saveMeasurement(ref, { ...found, evidence: 'up', ...times }, keptUntil);
    const { run, results } = await experiments.results({ experiment: ref.experiment });
    assert.equal(run.status.run, 1);
    assert.equal(results.measurements.length, 1);
    assert.equal(results.keptUntil, keptUntil);
  });
});
