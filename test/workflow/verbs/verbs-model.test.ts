import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import { readSeed } from '../../../tools/check/seed.ts';
import { startServer } from '../server.ts';
import { runSequences } from './runs.ts';

/** What a run of all tests may spend on this; `npm run model` does it for as long as one likes. */
const LIMIT_MS = 25_000;
const RUNS = 60;
const SERVICES = 6;

describe('verbs that two clients ask at any moment', () => {
  let env: TestWorkflowEnvironment;

  before(async () => {
    env = await startServer();
  });
  after(() => env.teardown());

  it('are answered as a model of the rollout has it, and leave everything agreed', async function () {
    this.timeout(0);
    const until = Date.now() + LIMIT_MS;
    const { done, failures } = await runSequences(env, { seed: readSeed(), runs: RUNS, services: SERVICES, until });
    assert.deepEqual(failures, []);
    assert.ok(done > 0, 'no sequence came to its end');
  });
});
