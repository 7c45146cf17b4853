import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { RunJournal } from '../../src/activities/experiment/run-journal.ts';
import { variantActivities } from '../../src/activities/experiment/variants.ts';
import type { Lease } from '../../src/domain/experiment/lease.ts';
import type { RunRef } from '../../src/domain/experiment/run.ts';
import { EngineError, type OperationContext, type StackInput } from '../../src/stacks/driver.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { VariantModel } from '../workflow/variant-model.ts';

const KEY = { name: 'nightly', environment: 'production' };
const REF: RunRef = { experiment: KEY, run: 1 };
const STACK = 'nightly--blue-production-r1';
const TASK = { ref: REF, variant: 'blue', actor: 'ada' };

/** Stacks that are made until somebody calls it off. */
class EndlessStacks extends VariantModel {
  begun = Promise.withResolvers<undefined>();

  override provision(_input: StackInput, context?: OperationContext): Promise<never> {
    this.begun.resolve(undefined);
    return new Promise((_resolve, reject) => {
      const end = (): void => reject(new EngineError('called off'));
      if (context?.signal.aborted) end();
      else context?.signal.addEventListener('abort', end);
    });
  }
}

describe('the stack of a variant', () => {
  let store: Store;

  beforeEach(async () => (store = await openStore(':memory:')));
  afterEach(() => store.close());

  async function lease(leftMs: number): Promise<Lease> {
    const at = new Date();
    const deadlineAt = new Date(at.getTime() + leftMs).toISOString();
    const begun = { trigger: 'person', actor: 'ada', at: at.toISOString(), stacks: 1 } as const;
    await store.experiments.runs.begin({ experiment: KEY, workflowId: 'w', firstRunId: 'f', deadlineAt, ...begun });
    const taken: Lease = {
      ...{ project: 'production', stack: STACK, run: REF, variant: 'blue', workflowId: 'w', firstRunId: 'f' },
      ...{ artifact: 'command', blueprint: { name: 'local-process', digest: 'd', config: {} } },
      ...{ takenAt: at.toISOString(), deadlineAt },
    };
    await store.experiments.leases.take([taken]);
    return taken;
  }

  function activities(stacks = new VariantModel(store.experiments)) {
    return variantActivities(store.experiments, stacks, new RunJournal(store.audit));
  }

  const logger = new DefaultLogger('ERROR');
  const run = (body: () => Promise<unknown>): Promise<unknown> => new MockActivityEnvironment({}, { logger }).run(body);
  const provision = (stacks?: VariantModel): Promise<unknown> => run(() => activities(stacks).provisionVariant(TASK));

  async function assertRefused(why: RegExp): Promise<void> {
    const stacks = new VariantModel(store.experiments);
    await assert.rejects(provision(stacks), (error: unknown) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.deepEqual([error.type, error.nonRetryable], ['LeaseOver', true]);
      assert.match(error.message, why);
      return true;
    });
    assert.deepEqual(stacks.names, []);
    assert.deepEqual(await store.audit.list(), []);
  }

  it('is not made without a lease', async () => {
    const taken = await lease(60_000);
    await store.experiments.leases.release(taken);
    await assertRefused(/^nightly--blue-production-r1 has no lease: it is not made$/);
  });

  it('is not made past its lease', async () => {
    await lease(-1);
    await assertRefused(/had a lease until/);
  });

  it('is not made when its run is to end, or is over', async () => {
    await lease(60_000);
    await store.experiments.runs.ask(REF, { stop: { by: 'bob', outcome: 'stopped' } });
    await assertRefused(/is of a run that ends/);
    const { status } = (await store.experiments.runs.find(REF))!;
    await store.experiments.runs.save({ ...status, outcome: 'stopped', endedAt: status.startedAt });
    await assertRefused(/is of a run that ends/);
  });

  it('is not made any longer once its lease is over, and is as long as it is extended', async () => {
    const { deadlineAt } = await lease(1_500);
    const stacks = new EndlessStacks(store.experiments);
    const making = provision(stacks);
    await stacks.begun.promise;
    const until = new Date(Date.parse(deadlineAt) + 400).toISOString();
    await store.experiments.leases.extend(REF, until);
    await assert.rejects(making, /called off/);
    assert.ok(new Date().toISOString() >= until);
  });

  it('keeps its lease until it is destroyed, however often that is tried; again there is nothing to do', async () => {
    await lease(60_000);
    const stacks = new VariantModel(store.experiments);
    const made = activities(stacks);
    await run(() => made.provisionVariant(TASK));
    assert.deepEqual(stacks.names, [STACK]);
    const destroy = stacks.destroy.bind(stacks);
    stacks.destroy = () => Promise.reject(new EngineError('not now'));
    const task = { ...TASK, because: 'it is probed' };
    await assert.rejects(
      run(() => made.destroyVariant(task)),
      /not now/,
    );
    assert.equal((await store.experiments.leases.list()).length, 1);
    stacks.destroy = destroy;
    await run(() => made.destroyVariant(task));
    await run(() => made.destroyVariant(task));
    assert.deepEqual([stacks.names, await store.experiments.leases.list()], [[], []]);
    assert.deepEqual(
      (await store.audit.list()).map(({ type }) => type),
      ['stack.provisioning', 'stack.provisioned', 'stack.destroying', 'stack.destroyed', 'lease.released'],
    );
    await stacks.close();
  });
});
