import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Bench } from './bench.ts';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

/** More than a worker has threads for workflows. */
const OTHERS = 6;

describe('a step in place', () => {
  const bench = benchForEach();

  it('is waited for by its own workflow alone, though all of a thread share their modules', async () => {
    const start = (on: Bench) => on.start(input(spec(on.service), { to: 2, live: 1 }));
    const hold = bench().activities.hold('open');
    const held = await start(bench());
    await hold.reached;
    await Promise.all(
      Array.from({ length: OTHERS }, async () => {
        const other = await Bench.openIn(bench().lane);
        const { status } = await (await start(other)).result();
        await other.end();
        assert.equal(status.outcome, 'succeeded');
      }),
    );
    hold.release();
    assert.equal((await held.result()).status.outcome, 'succeeded');
  });
});
