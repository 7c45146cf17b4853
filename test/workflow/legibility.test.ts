import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { describe, it } from 'mocha';
import { act } from './act.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { passing } from './faults.ts';
import { input, spec } from './samples.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

type Metadata = temporal.api.sdk.v1.IWorkflowMetadata;

/** What each activity and timer of a run is shown as; empty where it has no summary. */
async function summaries(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .filter((event) => event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes)
    .map(({ userMetadata }) => Buffer.from(userMetadata?.summary?.data ?? '').toString());
}

async function undescribed(handle: WorkflowHandle): Promise<string[]> {
  const { definition } = await handle.query<Metadata>('__temporal_workflow_metadata');
  const own = [
    ...(definition?.queryDefinitions ?? []),
    ...(definition?.updateDefinitions ?? []),
    ...(definition?.signalDefinitions ?? []),
  ].filter(({ name }) => !name?.startsWith('__'));
  assert.ok(own.length > 5);
  return own.filter(({ description }) => !description).map(({ name }) => name ?? '');
}

describe('runs in the Temporal UI', () => {
  const bench = benchForEach();

  it('have a summary on every activity and timer', async () => {
    const { activities, service } = bench();
    for (const name of ['open', 'shift', 'settle', 'close'] as const) activities.on(name, passing());
    const hold = activities.hold('check');
    const task = input(spec(service, { bakeMs: 10, warm: 0 }), { to: 2, live: 1 });
    const handle = await bench().start(task);
    await hold.reached;
    await act(bench(), handle, 'pause');
    hold.release();
    await bench().until(handle, ({ wait }) => wait !== undefined);
    await act(bench(), handle, 'resume');
    await handle.result();
    const found = await summaries(handle);
    assert.equal(found.length, 12, found.join('\n'));
    for (const summary of found) assert.match(summary, /^"[^"]{5,190}"$/);
  });

  it('describe what can be asked of them, and say where they are', async () => {
    const desk = new ServiceBench(bench());
    const hold = bench().activities.hold('check');
    const { rollout } = await desk.apply('v1');
    await hold.reached;
    const handle = desk.rollout(rollout);
    assert.deepEqual(await undescribed(handle), []);
    assert.deepEqual(await undescribed(desk.handle), []);
    const { currentDetails } = await handle.query<Metadata>('__temporal_workflow_metadata');
    assert.match(currentDetails ?? '', /\*\*deploy of r1\*\*.*in phase \*\*validate\*\*/);
    hold.release();
    await desk.over({ rollout });
  });

  it('can be listed by what they are about, and read without a worker once they are closed', async () => {
    const desk = await ServiceBench.live(bench(), 2);
    const { typedSearchAttributes, memo } = await desk.rollout(2).describe();
    const { service, environment, revision, phase, outcome, actor } = SEARCH_ATTRIBUTES;
    assert.deepEqual(
      [service, environment, revision, phase, outcome, actor].map((key) => typedSearchAttributes.get(key)),
      ['web', bench().service.environment, 'r2', 'settle', 'succeeded', 'ada'],
    );
    const { status } = await desk.rollout(2).result();
    assert.deepEqual(memo?.status, status);
    assert.match(String(memo.summary), /\*\*succeeded\*\*/);
  });
});
