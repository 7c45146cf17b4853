import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import { OperationAborted, ResourceError, type StackInput } from '../../src/stacks/driver.ts';
import { leftovers } from '../stacks/leftovers.ts';
import { ANSWERS_PID, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';

const FAULTY = join(import.meta.dirname, '../doubles/faulty-blueprint/index.ts');

describe('stack driver whose provider fails', () => {
  let bench: Workbench;
  beforeEach(
    async () => (bench = await Workbench.open({ blueprints: [FAULTY], supervise: false, stopGraceMs: 1_000 })),
  );
  afterEach(async () => bench.close());

  async function faulty(faults: JsonObject[], processes = 1): Promise<StackInput> {
    return bench.input(1, nodeConfig(ANSWERS_PID, { faults, processes }), 'command', 'faulty');
  }

  async function nothingIsLeft(): Promise<void> {
    assert.deepEqual(await bench.pids(), []);
    assert.deepEqual(await bench.driver.list(), []);
    assert.deepEqual(await leftovers(bench.dataDir), { locks: [], work: [], engines: [] });
  }

  it('is told what does not make sense as a fault', async () => {
    const config = { ...nodeConfig(ANSWERS_PID), faults: [{ on: 'create', does: 'explode' }] };
    const { faults } = await bench.driver.describe({ name: 'faulty', config }, 'command');
    assert.deepEqual(
      faults.map(({ path }) => path),
      ['blueprint.config.faults[0].does'],
    );
  });

  it('is asked again until the provider is no longer throttled', async () => {
    const input = await faulty([{ on: 'create', resource: 'p1', does: 'throttled', times: 2 }]);
    for (const _attempt of [1, 2]) {
      await assert.rejects(bench.driver.provision(input, uninterrupted()), (error: unknown) => {
        assert.ok(error instanceof ResourceError);
        assert.match(error.message, /^throttled: create of p1 was refused/);
        return true;
      });
    }
    assert.equal((await bench.driver.provision(input, uninterrupted())).endpoints.length, 1);
    await bench.driver.destroy(input, uninterrupted());
    await nothingIsLeft();
  });

  it('destroys what was made and said to have failed, which is in no state', async () => {
    const input = await faulty([{ on: 'create', resource: 'p1', does: 'error-after' }]);
    await assert.rejects(bench.driver.provision(input, uninterrupted()), ResourceError);
    assert.equal((await bench.pids()).length, 1);
    await bench.driver.destroy(input, uninterrupted());
    await nothingIsLeft();
  });

  it('destroys in several attempts what fails half-way', async () => {
    const input = await faulty([{ on: 'delete', resource: 'p2', does: 'error', times: 2 }], 2);
    await bench.driver.provision(input, uninterrupted());
    for (const _attempt of [1, 2]) {
      await assert.rejects(bench.driver.destroy(input, uninterrupted()), /ResourceError: planned fault: delete of p2/);
      assert.equal((await bench.pids()).length, 1);
    }
    await bench.driver.destroy(input, uninterrupted());
    await nothingIsLeft();
  });

  it('ends by force, when it is aborted, what hangs in its provider', async () => {
    const input = await faulty([{ on: 'create', resource: 'p1', does: 'hang' }]);
    const aborting = new AbortController();
    const running = bench.driver.provision(input, {
      signal: aborting.signal,
      onProgress: ({ inProgress }) => {
        if (inProgress.includes('p1')) aborting.abort();
      },
    });
    await assert.rejects(running, OperationAborted);
    await bench.driver.destroy(input, uninterrupted());
    await nothingIsLeft();
  });
});
