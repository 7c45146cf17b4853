import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, it } from 'mocha';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { lost, passing, permanent } from './faults.ts';
import { input, spec } from './samples.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

describe('teardown that does not work', () => {
  const bench = benchForEach();

  it('blocks no rollout: the stack is quarantined, and a teardown of its own goes on with it', async () => {
    const { activities, service, env } = bench();
    activities.on('destroy', permanent('StackFailed', 'something still uses it'));
    const handle = await bench().start(input(spec(service, { warm: 0 }), { to: 2, live: 1 }));
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(status.quarantined, [`web-${service.environment}-r1`]);
    const left = env.client.workflow.getHandle(workflowIds.teardown(service, 1));
    assert.equal((await left.describe()).status.name, 'RUNNING');
    await left.terminate();
  });

  it('is tried three times before it is left to a teardown of its own', async () => {
    const { activities, service, env } = bench();
    activities.on('destroy', passing('StackFailed'), { times: 2 });
    const handle = await bench().start(input(spec(service, { warm: 0 }), { to: 2, live: 1 }));
    assert.deepEqual((await handle.result()).status.quarantined, []);
    assert.equal(activities.called('destroy'), 3);
    await assert.rejects(env.client.workflow.getHandle(workflowIds.teardown(service, 1)).describe());
  });

  it('is none when its workers are lost, however often', async () => {
    const { activities, service } = bench();
    activities.on('destroy', lost(), { times: 4 });
    const handle = await bench().start(input(spec(service, { warm: 0 }), { to: 2, live: 1 }));
    assert.deepEqual((await handle.result()).status.quarantined, []);
    assert.equal(activities.called('destroy'), 5);
  }).timeout(60_000);

  it('is retried on schedule and shown, calls for a person after three attempts, and no more once it is gone', async () => {
    const { activities, service } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    activities.on('destroy', permanent('StackFailed', 'it is still used'), { times: 3 });
    const hold = activities.hold('destroy');
    const handle = await bench().tearDown(9);
    const { quarantine } = await desk.until(({ quarantine: [found] }) => (found?.attempts ?? 0) >= 3);
    assert.equal(quarantine[0]?.stack, `web-${service.environment}-r9`);
    assert.equal(quarantine[0].lastError, 'it is still used');
    assert.ok(quarantine[0].nextAttemptAt > quarantine[0].since);
    for (const each of [desk.handle, handle]) await bench().visible(async () => (await needsHuman(each)) === true);
    await hold.reached;
    hold.release();
    await handle.result();
    assert.equal((await desk.until(({ quarantine: left }) => left.length === 0)).live, 1);
    assert.equal((await handle.describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.outcome), 'succeeded');
    for (const each of [desk.handle, handle]) await bench().visible(async () => (await needsHuman(each)) === false);
  });

  it('goes on when somebody cancels it: a stack is forgotten only when it is gone', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('destroy', { heedsCancellation: false });
    const handle = await bench().tearDown(9);
    await hold.reached;
    await handle.cancel();
    hold.fail('not now');
    await handle.result();
    assert.equal(activities.called('destroy'), 2);
    assert.equal((await activities.store.catalogue.revision(service, 9))?.state, 'retired');
  });
});

async function needsHuman(handle: WorkflowHandle): Promise<unknown> {
  return (await handle.describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsHuman);
}
