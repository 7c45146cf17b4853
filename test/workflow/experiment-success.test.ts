import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RUN_PHASES } from '../../src/domain/experiment/run.ts';
import { ExperimentBench, checkProbe, loadProbe } from './experiment-bench.ts';
import { benchForEach } from './suite.ts';

describe('a run of an experiment', () => {
  const bench = benchForEach();

  it('makes its variants, finds out about them, and leaves nothing behind', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({
      probes: [checkProbe('answers'), loadProbe('load')],
      compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
    });
    const run = await desk.run();
    const status = await run.over();
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.deepEqual(
      status.phases.map(({ phase, state }) => [phase, state]),
      RUN_PHASES.map((phase) => [phase, phase === 'hold' ? 'skipped' : 'done']),
    );
    assert.deepEqual(
      status.variants.map(({ name, state, endpoints }) => [name, state, endpoints]),
      [
        ['blue', 'gone', []],
        ['green', 'gone', []],
      ],
    );
    assert.deepEqual(await desk.left(), []);
    assert.equal(bench().activities.variants.most, 2);

    const results = await desk.store.results.find(run.ref);
    assert.deepEqual(
      results?.measurements.map(({ probe, variant }) => `${probe} ${variant}`),
      ['answers blue', 'answers green', 'load blue', 'load green'],
    );
    assert.deepEqual(
      results.comparisons.map(({ probe, variant }) => `${probe} ${variant}`),
      ['load green'],
    );
    assert.deepEqual((await desk.store.runs.find(run.ref))?.status, status);
    assert.deepEqual((await desk.events(run)).toSorted(), [
      ...['check.judged', 'check.judged', 'lease.released', 'lease.released', 'lease.taken', 'lease.taken'],
      ...['probe.measured', 'probe.measured', 'probe.measured', 'probe.measured'],
      ...['run.compared', 'run.ended', 'run.started'],
      ...['stack.destroyed', 'stack.destroyed', 'stack.destroying', 'stack.destroying'],
      ...['stack.provisioned', 'stack.provisioned', 'stack.provisioning', 'stack.provisioning'],
    ]);
    assert.equal((await bench().activities.store.audit.verify()).ok, true);
  });

  it('has a history of at most 80 events with two variants and two probes', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({
      probes: [loadProbe('load'), loadProbe('more')],
      compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
    });
    const run = await desk.run();
    assert.equal((await run.over()).outcome, 'succeeded');
    const { events = [] } = await run.handle.fetchHistory();
    assert.ok((events?.length ?? 0) <= 80, `${events?.length} events`);
  });
});
