import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import { type Asked, ExperimentBench, LONG_MS } from './experiment-bench.ts';
import { benchForEach } from './suite.ts';

describe('a run that is to begin while another one goes on', () => {
  const bench = benchForEach();

  /** An experiment whose first run holds its stacks until it is stopped. */
  async function busy(over: Partial<ExperimentSpec>): Promise<{ desk: ExperimentBench; first: Asked }> {
    const desk = new ExperimentBench(bench());
    await desk.apply({ stay: 'until-ttl', ...over });
    const first = await desk.run();
    await desk.until(first, ({ phase }) => phase === 'hold');
    return { desk, first };
  }

  it('does not take place with overlap skip, which is on record with the reason', async () => {
    const { desk, first } = await busy({ overlap: 'skip' });
    const second = await desk.run();
    const status = await second.over();
    assert.equal(status.outcome, 'skipped');
    assert.match(status.because ?? '', /^run 1 goes on: with overlap skip this one does not take place$/);
    assert.deepEqual(await desk.events(second), ['run.skipped']);
    assert.deepEqual((await desk.store.runs.find(second.ref))?.status, status);
    await desk.stop(first);
    assert.equal((await first.over()).outcome, 'stopped');
    assert.deepEqual(await desk.left(), []);
    assert.equal((await (await busyOver(desk)).over()).outcome, 'succeeded');
  });

  /** The next one, whose stacks do not stay. */
  async function busyOver(desk: ExperimentBench): Promise<Asked> {
    await desk.apply();
    return desk.run();
  }

  it('waits with overlap buffer-one, says for what, and begins when the first is over; another one is skipped', async () => {
    const { desk, first } = await busy({ overlap: 'buffer-one' });
    const second = await desk.run();
    const { wait } = await desk.until(second, (status) => status.wait !== undefined);
    assert.match(wait?.on ?? '', /^the stacks of nightly\/\S+@1 to be gone$/);
    assert.equal(wait?.until, (await desk.store.runs.find(first.ref))?.status.deadlineAt);
    const third = await (await desk.run()).over();
    assert.equal(third.outcome, 'skipped');
    assert.match(third.because ?? '', /run 1 goes on, and 1 run waits behind it/);
    await desk.stop(first);
    await first.over();
    await desk.until(second, ({ phase }) => phase === 'hold');
    assert.equal(bench().activities.variants.most, 2);
    await desk.stop(second);
    assert.equal((await second.over()).outcome, 'stopped');
    assert.deepEqual(await desk.left(), []);
  });

  it('can be stopped while it waits', async () => {
    const { desk, first } = await busy({ overlap: 'buffer-one' });
    const second = await desk.run();
    await desk.until(second, (status) => status.wait !== undefined);
    await desk.stop(second);
    const status = await second.over();
    assert.deepEqual([status.outcome, status.because], ['stopped', 'stopped by bob: enough']);
    assert.equal(await first.handle.describe().then(({ status: { name } }) => name), 'RUNNING');
    const third = await desk.run();
    await desk.until(third, (each) => each.wait !== undefined);
    await third.handle.cancel();
    assert.equal((await third.over()).outcome, 'stopped');
  });

  it('takes the place of the others with overlap replace, once their stacks are gone', async () => {
    const { desk, first } = await busy({ overlap: 'replace' });
    const second = await desk.run();
    const status = await first.over();
    assert.deepEqual(
      [status.outcome, status.because],
      ['replaced', `nightly/${desk.key.environment}@2 takes its place`],
    );
    await desk.until(second, ({ phase }) => phase === 'hold');
    assert.equal(bench().activities.variants.most, 2);
    assert.deepEqual(
      (await desk.events(first)).filter((type) => type.startsWith('run.')),
      ['run.started', 'run.stop-requested', 'run.ended'],
    );
    await desk.stop(second);
    await second.over();
    assert.deepEqual(await desk.left(), []);
  });

  it('goes on beside it with overlap allow, as far as the budget goes', async () => {
    const { desk, first } = await busy({ overlap: 'allow', budget: { stacks: 4 } });
    const second = await desk.run();
    await desk.until(second, ({ phase }) => phase === 'hold');
    const third = await (await desk.run()).over();
    assert.equal(third.outcome, 'skipped');
    assert.equal(third.because, 'it needs 2 stacks beside 4 of 2 other runs, and its budget is 4 at the same time');
    assert.equal(bench().activities.variants.most, 4);
    await Promise.all([first, second].map((run) => desk.stop(run)));
    await Promise.all([first, second].map((run) => run.over()));
    assert.deepEqual(await desk.left(), []);
  });

  it('is refused when its TTL would take more stack-hours than a day has, with the figure', async () => {
    const { desk, first } = await busy({ overlap: 'allow', budget: { stackHoursPerDay: 3 }, ttlMs: LONG_MS });
    const status = await (await desk.run()).over();
    assert.equal(status.outcome, 'skipped');
    assert.match(
      status.because ?? '',
      /could take 2 stack-hours .*, 2 stack-hours of .* its budget is 3 stack-hours a day/,
    );
    await desk.stop(first);
    await first.over();
    // What was promised and not taken is free again.
    assert.equal((await (await busyOver(desk)).over()).outcome, 'succeeded');
  });
});
