import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, afterEach, before, beforeEach } from 'mocha';
import { Bench } from './bench.ts';
import { startServer } from './server.ts';

/** A server for all tests of a suite, and a bench for each; called in its `describe`. */
export function benchForEach(dynamicConfig?: string[]): () => Bench {
  let env: TestWorkflowEnvironment;
  let bench: Bench;
  const used: Bench[] = [];
  before(async () => (env = await startServer(dynamicConfig)));
  after(async () => {
    await Promise.all(used.map((each) => each.close()));
    await env.teardown();
  });
  beforeEach(async () => {
    bench = await Bench.open(env);
    used.push(bench);
  });
  afterEach(() => bench.end());
  return () => bench;
}
