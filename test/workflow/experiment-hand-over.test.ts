import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import { type Asked, ExperimentBench, release } from './experiment-bench.ts';
import { check } from './samples.ts';
import { benchForEach } from './suite.ts';

const PORT = 8090;

describe('a run that takes over from the one before', () => {
  const bench = benchForEach();

  /** One variant, at an address, whose first run holds. */
  async function busy(over: Partial<ExperimentSpec> = {}): Promise<{ desk: ExperimentBench; first: Asked }> {
    const desk = new ExperimentBench(bench());
    await desk.apply(handingOver(over));
    const first = await desk.run();
    await desk.until(first, ({ phase }) => phase === 'hold');
    return { desk, first };
  }

  function handingOver(over: Partial<ExperimentSpec> = {}): Partial<ExperimentSpec> {
    const variants = [release('blue')];
    return { variants, stay: 'until-ttl', overlap: 'hand-over', addresses: { blue: PORT }, ...over };
  }

  function leads(desk: ExperimentBench): number | undefined {
    const model = bench().activities.variants.routes.get(`nightly--blue/${desk.key.environment}`);
    return model?.route?.targets.find(({ weight }) => weight > 0)?.revision;
  }

  async function leavesNothing(desk: ExperimentBench, ...runs: Asked[]): Promise<void> {
    for (const run of runs) await desk.stop(run);
    for (const run of runs) await run.over();
    assert.deepEqual(await desk.left(), []);
    assert.deepEqual(bench().activities.breaches, []);
  }

  it('is made beside it, has its address, and only then ends it', async () => {
    const { desk, first } = await busy();
    assert.equal(leads(desk), 1);
    const { wait } = await desk.until(first, (status) => status.wait !== undefined);
    assert.equal(wait?.endedBy, 'stop, or the next run once that is healthy');
    const second = await desk.run();
    const status = await first.over();
    const because = `nightly/${desk.key.environment}@2 has taken its place`;
    assert.deepEqual([status.outcome, status.because], ['replaced', because]);
    assert.equal(bench().activities.variants.most, 2);
    assert.equal(leads(desk), 2);
    await desk.until(second, ({ phase }) => phase === 'hold');
    const changed = (await desk.events(first)).filter((type) => /^(route|run)\./.test(type));
    assert.deepEqual(changed, ['run.started', 'route.changing', 'route.changed', 'run.stop-requested', 'run.ended']);
    await leavesNothing(desk, second);
  });

  it('leaves it alone where it fails, with its address', async () => {
    const { desk, first } = await busy();
    const wrong = { ...check('teapot'), status: [418], deadlineMs: 1 };
    await desk.apply(handingOver({ variants: [release('blue', [wrong])] }));
    const second = await (await desk.run()).over();
    assert.equal(second.outcome, 'failed');
    assert.equal(leads(desk), 1);
    assert.equal((await desk.store.runs.find(first.ref))?.stop, undefined);
    await leavesNothing(desk, first);
  });

  it('gives the address back where it is stopped before the one before was told to end', async () => {
    const { desk, first } = await busy();
    const ending = bench().activities.hold('endEarlierRuns');
    const second = await desk.run();
    await ending.reached;
    assert.equal(leads(desk), 2);
    await desk.stop(second);
    assert.equal((await second.over()).outcome, 'stopped');
    assert.equal(leads(desk), 1);
    assert.equal((await desk.store.runs.find(first.ref))?.stop, undefined);
    // Under numbers of its own a third one takes it all the same.
    const third = await desk.run();
    assert.equal((await first.over()).outcome, 'replaced');
    assert.equal(leads(desk), 3);
    await desk.until(third, ({ phase }) => phase === 'hold');
    await leavesNothing(desk, third);
  });

  it('gives nothing back to one that was told to end', async () => {
    const { desk, first } = await busy();
    const second = await desk.run();
    await first.over();
    await desk.until(second, ({ phase }) => phase === 'hold');
    await leavesNothing(desk, second);
    assert.equal(leads(desk), undefined);
  });

  it('comes to have the address although a later one had it for a while', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply(handingOver());
    const slow = bench().activities.hold('openAddresses', {
      matches: (task) => JSON.stringify(task).includes('"run":1'),
    });
    const first = await desk.run();
    await slow.reached;
    const ending = bench().activities.hold('endEarlierRuns');
    const second = await desk.run();
    await ending.reached;
    assert.equal(leads(desk), 2);
    await desk.stop(second);
    await second.over();
    slow.release();
    await desk.until(first, ({ phase }) => phase === 'hold');
    assert.equal(leads(desk), 1);
    await leavesNothing(desk, first);
  });

  it('ends all that were before, those that are still being made among them', async () => {
    const { desk, first } = await busy();
    const slow = bench().activities.hold('provisionVariant');
    const second = await desk.run();
    await slow.reached;
    const third = await desk.run();
    assert.equal((await first.over()).outcome, 'replaced');
    assert.equal((await second.over()).outcome, 'replaced');
    assert.equal(slow.cancelled, true);
    assert.equal(leads(desk), 3);
    await desk.until(third, ({ phase }) => phase === 'hold');
    await leavesNothing(desk, third);
  });

  it('does not take place where the budget has no room for both, with the figure', async () => {
    const { desk, first } = await busy({ budget: { stacks: 1 } });
    const second = await (await desk.run()).over();
    assert.equal(second.outcome, 'skipped');
    assert.equal(second.because, 'it needs 1 stack beside 1 of 1 other run, and its budget is 1 at the same time');
    assert.equal(leads(desk), 1);
    await leavesNothing(desk, first);
  });
});
