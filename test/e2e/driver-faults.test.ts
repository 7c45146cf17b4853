import assert from 'node:assert/strict';
import { join } from 'node:path';
import { EngineError, type StackInput } from '../../src/stacks/driver.ts';
import { openDriver, ANSWERS_PID, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';
import { leftovers, runners } from '../stacks/leftovers.ts';

const ODD = join(import.meta.dirname, '../doubles/odd-programs.ts');

describe('stack driver whose programs misbehave', () => {
  let bench: Workbench;
  beforeEach(async () => (bench = await Workbench.open({ blueprints: [ODD], supervise: false })));
  afterEach(async () => bench.close());

  async function odd(artifact: string): Promise<StackInput> {
    return bench.input(1, {}, artifact, 'odd-programs');
  }

  async function worksAgain(input: StackInput): Promise<void> {
    await bench.driver.destroy(input, uninterrupted());
    assert.deepEqual(await bench.driver.list(), []);
    assert.deepEqual(await leftovers(bench.dataDir), { locks: [], work: [], engines: [] });
  }

  for (const how of ['waits', 'blocks']) {
    it(`ends an operation whose program ${how} for ever, says so, and can work on the stack again`, async () => {
      const input = await odd(how);
      // On a busy machine an honest engine, too, is silent for longer than that.
      const impatient = await openDriver(bench.dataDir, {
        blueprints: [ODD],
        supervise: false,
        idleMs: 500,
        stopGraceMs: 500,
      });
      try {
        await assert.rejects(impatient.provision(input, uninterrupted()), (error: unknown) => {
          assert.ok(error instanceof EngineError);
          assert.match(error.message, /made no progress/);
          return true;
        });
      } finally {
        await impatient.close();
      }
      await worksAgain(input);
    });
  }

  it('fails an operation whose program ends its process', async () => {
    const input = await odd('exits');
    await assert.rejects(bench.driver.provision(input, uninterrupted()), /EngineError: .* was ended by somebody else/);
    await worksAgain(input);
  });

  it('does not notice that the process which waits for work was killed', async () => {
    for (const { pid } of runners(bench.dataDir)) process.kill(pid, 'SIGKILL');
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    assert.equal((await bench.driver.provision(input, uninterrupted())).endpoints.length, 1);
    await worksAgain(input);
  });

  it('has a stray rejection touch nothing but the operation it belongs to', async () => {
    const other = await bench.input(2, nodeConfig(`setTimeout(() => { ${ANSWERS_PID} }, 1000)`));
    const provisioning = bench.driver.provision(other, uninterrupted());
    const strays = await odd('strays');
    await assert.rejects(bench.driver.provision(strays, uninterrupted()), /a stray/);
    assert.equal((await provisioning).endpoints.length, 1);
    await bench.driver.destroy(other, uninterrupted());
    await worksAgain(strays);
  });
});
