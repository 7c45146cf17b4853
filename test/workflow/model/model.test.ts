import fc from 'fast-check';
import { after, before, describe, it } from 'mocha';
import { Bench } from '../bench.ts';
import { LanePool } from '../lane.ts';
import { startServer } from '../server.ts';
import { type Model, someCommands } from './commands.ts';
import { World } from './world.ts';

/** `FC_RUNS` for more of them; `SUPPLANT_TEST_SEED` and `FC_PATH` for one that failed: both are in its message. */
const { FC_RUNS, FC_PATH } = process.env;
const RUNS = Number(FC_RUNS ?? 12);
/** What a run of all tests may spend on this, in milliseconds; asked for more, it takes what it takes. */
const LIMIT_MS = 40_000;
const COMMANDS = 14;

describe('a service that anything happens to', () => {
  let lanes: LanePool;

  before(async () => {
    lanes = new LanePool(await startServer(['limit.historyCount.suggestContinueAsNew=120']));
  });
  after(async () => {
    await lanes.close();
    await lanes.env.teardown();
  });

  it('answers every request, ends every rollout, and leaves record, router, stacks and workflow agreed', async function () {
    this.timeout(0);
    const until = FC_RUNS === undefined ? Date.now() + LIMIT_MS : Infinity;
    const property = fc.asyncProperty(someCommands(COMMANDS), async (commands) => {
      // Not by fast-check's own limit, which leaves a run to itself.
      if (Date.now() > until) return;
      const bench = await Bench.openOn(lanes);
      const world = new World(bench);
      try {
        const model: Model = { asked: [], notes: 0 };
        await fc.asyncModelRun(() => ({ model, real: world }), commands);
        await world.rest();
      } finally {
        world.release();
        // What was broken is told by the run itself.
        await bench.end().catch(() => undefined);
        lanes.giveBack(bench.lane);
      }
    });
    await fc.assert(property, {
      numRuns: RUNS,
      ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
      endOnFailure: true,
    });
  });
});
