import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunPhase, RunStatus } from '../../src/domain/experiment/run.ts';
import type { ActivityName } from '../doubles/recording-activities.ts';
import { type Asked, ExperimentBench, LONG_MS, loadProbe } from './experiment-bench.ts';
import { benchForEach } from './suite.ts';

/** Where a run is held up, by the phase that it is in then. */
const STEPS: Partial<Record<RunPhase, ActivityName>> = {
  lease: 'takeLeases',
  provision: 'provisionVariant',
  validate: 'validateVariant',
  probe: 'probeVariants',
  compare: 'compareRun',
};
const PHASES = [...(Object.keys(STEPS) as RunPhase[]), 'hold'] as const;

/** Long enough for a run to come to any phase, with a machine that is busy. */
const SOON_MS = 12_000;

describe('a run that is ended before its time', () => {
  const bench = benchForEach();

  /** A run that is held up in a phase; what lets it go on. */
  async function heldIn(phase: RunPhase, ttlMs = LONG_MS) {
    const desk = new ExperimentBench(bench(), `in-${phase}`);
    await desk.apply({
      ttlMs,
      probes: [loadProbe('load')],
      compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
      stay: 'until-ttl',
      addresses: { blue: 8_090 },
    });
    const step = STEPS[phase];
    // A short step does not hear that it is called off: it comes to its end.
    const heedsCancellation = phase !== 'lease' && phase !== 'compare';
    const matches = (task: unknown): boolean => JSON.stringify(task).includes(`"${desk.key.name}"`);
    const hold = step && bench().activities.hold(step, { heedsCancellation, matches });
    const run = await desk.run();
    await (hold ? hold.reached : desk.until(run, (status) => status.phase === 'hold' && status.wait !== undefined));
    const release = (): void => {
      if (!heedsCancellation) hold?.release();
    };
    return { desk, run, release };
  }

  async function leavesNothing(desk: ExperimentBench, run: Asked, status: RunStatus): Promise<void> {
    assert.deepEqual(await desk.left(), []);
    assert.deepEqual((await desk.store.runs.find(run.ref))?.status, status);
    assert.equal((await desk.events(run)).at(-1), 'run.ended');
  }

  for (const phase of PHASES) {
    it(`is stopped in phase ${phase}`, async () => {
      const { desk, run, release } = await heldIn(phase);
      await desk.stop(run);
      release();
      const status = await run.over();
      assert.deepEqual([status.outcome, status.because], ['stopped', 'stopped by bob: enough']);
      await leavesNothing(desk, run, status);
    });
  }

  it('has no more time in any phase, and what it was to do until then is done in one', async () => {
    await Promise.all(
      (['provision', 'validate', 'probe', 'hold'] as const).map(async (phase) => {
        const { desk, run } = await heldIn(phase, SOON_MS);
        const status = await run.over();
        assert.equal(status.outcome, phase === 'hold' ? 'succeeded' : 'expired', status.because);
        if (phase !== 'hold') assert.equal(status.because, 'its TTL was over before everything was probed');
        assert.deepEqual((await desk.store.runs.find(run.ref))?.status, status);
      }),
    );
    assert.deepEqual(await new ExperimentBench(bench()).left(), []);
  });

  it('is cancelled in Temporal, which counts as a stop', async () => {
    const { desk, run } = await heldIn('probe');
    await run.handle.cancel();
    const status = await run.over();
    assert.deepEqual([status.outcome, status.because], ['stopped', 'cancelled in Temporal']);
    await leavesNothing(desk, run, status);
  });

  it('is stopped while it destroys, which changes nothing', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply();
    const hold = bench().activities.hold('destroyVariant', { heedsCancellation: false });
    const run = await desk.run();
    await hold.reached;
    await desk.stop(run);
    await run.handle.cancel();
    hold.release();
    const status = await run.over();
    assert.equal(status.outcome, 'succeeded');
    await leavesNothing(desk, run, status);
  });

  it('is stopped before it begins, and makes nothing', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply();
    const record = await desk.record();
    await desk.store.runs.ask(record.status, { stop: { by: 'bob', outcome: 'stopped' } });
    const run = await desk.start(record);
    const status = await run.over();
    assert.deepEqual([status.outcome, status.because], ['stopped', 'stopped by bob']);
    assert.equal(bench().activities.called('takeLeases'), 0);
    await leavesNothing(desk, run, status);
  });
});

describe('a run that is extended', () => {
  const bench = benchForEach();

  it('lasts until then, whether it hears of that or finds it when its time would be over', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({ ttlMs: 6_000, stay: 'until-ttl' });
    const run = await desk.run();
    const { deadlineAt } = await desk.until(run, ({ phase, wait }) => phase === 'hold' && wait !== undefined);
    const later = new Date(Date.parse(deadlineAt) + 2_000).toISOString();
    // Without a word.
    await desk.store.runs.ask(run.ref, { deadlineAt: later });
    await desk.store.leases.extend(run.ref, later);
    await desk.until(run, (status) => status.deadlineAt === later && status.wait?.until === later);
    const latest = new Date(Date.parse(later) + 1_000).toISOString();
    await desk.extend(run, latest);
    await desk.until(run, (status) => status.deadlineAt === latest);
    const status = await run.over();
    assert.equal(status.outcome, 'succeeded');
    assert.ok(Date.parse(status.endedAt ?? '') >= Date.parse(latest));
    assert.deepEqual(await desk.left(), []);
  });
});
