import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ApiError } from '../../../src/contract/supplant-client.ts';
import type { ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import { experimentIds } from '../../../src/domain/experiment/run.ts';
import { by, experimentBenchForEach, hourly, onDemand } from './experiment-bench.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The last full hour, some hours ago. */
function hour(ago: number): string {
  return new Date(Math.floor(Date.now() / HOUR_MS - ago) * HOUR_MS).toISOString();
}

describe('backfills of experiments', () => {
  const bench = experimentBenchForEach();

  async function applied(changes: Partial<ExperimentSpec> = {}) {
    const spec = hourly(changes);
    await bench().experiments.apply(spec, by());
    return spec;
  }

  async function runsOf({ experiment }: ExperimentSpec) {
    return (await bench().store.experiments.runs.list(experiment)).toReversed();
  }

  it('begin a run for each time, both ends included, and none twice', async () => {
    const { experiments, env } = bench();
    const spec = await applied();
    const { experiment } = spec;
    const span = { from: hour(4), to: hour(2) };
    const dry = await experiments.backfill(experiment, span, by({ dryRun: true }));
    assert.deepEqual(await runsOf(spec), []);
    const change = by({ reason: 'it was off' });
    const answer = await experiments.backfill(experiment, span, change);
    assert.equal(answer, dry);
    assert.match(answer, /^3 runs begin, each of 2 stacks, .*; overlap is skip, which counts for them, too$/);
    assert.equal(await experiments.backfill(experiment, span, change), answer);
    const runs = await runsOf(spec);
    assert.deepEqual(
      runs.map(({ status }) => [status.run, status.trigger, status.reason]),
      [4, 3, 2].map((ago, index) => [index + 1, 'backfill', `for ${hour(ago)}: it was off`]),
    );
    for (const { workflowId } of runs) {
      assert.equal((await env.client.workflow.getHandle(workflowId).describe()).status.name, 'RUNNING');
    }
    assert.deepEqual(await bench().audited(experiment), ['experiment.applied', 'experiment.backfilled']);
    await assert.rejects(experiments.backfill(experiment, { ...span, to: hour(3) }, change), { reason: 'CONFLICT' });
  });

  it('leave out the times that had their run, and not those that were skipped', async () => {
    const { experiments, store } = bench();
    const spec = await applied();
    const { experiment } = spec;
    const begin = async (ago: number) =>
      store.experiments.runs.begin({
        ...{ experiment, trigger: 'schedule', actor: 'schedule', at: hour(ago), deadlineAt: hour(ago - 1), stacks: 2 },
        workflowId: `${experimentIds.scheduled(experiment)}-${hour(ago).replace('.000', '')}`,
        firstRunId: `${ago}`,
      });
    await begin(4);
    await begin(3);
    await bench().end({ experiment, run: 2 }, 'skipped');
    const span = { from: hour(4), to: hour(2) };
    const answer = await experiments.backfill(experiment, span, by());
    assert.match(answer, /^2 runs begin without 1 that took place/);
    await assert.rejects(experiments.backfill(experiment, span, by()), {
      reason: 'REFUSED',
      message: /falls into .* without 3 that took place: there is nothing to make up for/,
    });
  });

  it('know a run that began late by its jitter', async () => {
    const { experiments, store } = bench();
    const spec = await applied({ schedule: { every: { everyMs: HOUR_MS, offsetMs: 0 }, jitterMs: 600_000 } });
    const { experiment } = spec;
    await store.experiments.runs.begin({
      ...{ experiment, trigger: 'schedule', actor: 'schedule', at: hour(3), deadlineAt: hour(2), stacks: 2 },
      workflowId: `${experimentIds.scheduled(experiment)}-${hour(3).replace('.000', '')}`,
    });
    // Ends between two times, however late those are.
    const late = (ago: number) => new Date(Date.parse(hour(ago)) + HOUR_MS / 2).toISOString();
    const answer = await experiments.backfill(experiment, { from: late(5), to: late(2) }, by());
    assert.match(answer, /^2 runs begin without 1 that took place/);
  });

  it('are refused with the figure where they are too many', async () => {
    const { experiments } = bench();
    const spec = await applied({ schedule: { every: { everyMs: 60_000, offsetMs: 0 } } });
    for (const [hours, expected] of [
      [3, /that would be 181 runs at once; at most 100/],
      [100, /that would be more than \d+ runs at once; at most 100/],
    ] as const) {
      const span = { from: hour(hours + 1), to: hour(1) };
      await assert.rejects(experiments.backfill(spec.experiment, span, by()), (error: ApiError) => {
        assert.equal(error.reason, 'REFUSED');
        assert.match(error.message, expected);
        return true;
      });
    }
    assert.deepEqual(await runsOf(spec), []);
  });

  it('are refused with all that is wrong with their span', async () => {
    const { experiments } = bench();
    const { experiment } = await applied();
    for (const [span, paths] of [
      [{ from: 'then', to: 'now' }, ['from', 'to']],
      [{ from: hour(1), to: hour(2) }, ['to']],
      [{ from: hour(1), to: hour(-1) }, ['to']],
      [{ from: new Date(Date.parse(hour(1)) - 7 * DAY_MS - 1).toISOString(), to: hour(1) }, ['to']],
    ] as const) {
      await assert.rejects(experiments.backfill(experiment, span, by()), (error: ApiError) => {
        assert.equal(error.reason, 'INVALID');
        assert.deepEqual(
          error.faults.map(({ path }) => path),
          paths,
        );
        return true;
      });
    }
  });

  it('are refused without a schedule', async () => {
    const { experiments } = bench();
    const spec = onDemand();
    await experiments.apply(spec, by());
    const span = { from: hour(2), to: hour(1) };
    await assert.rejects(experiments.backfill(spec.experiment, span, by()), { reason: 'REFUSED' });
    const unscheduled = hourly();
    await bench().store.experiments.experiments.save(unscheduled);
    await assert.rejects(experiments.backfill(unscheduled.experiment, span, by()), { reason: 'UNAVAILABLE' });
  });
});
