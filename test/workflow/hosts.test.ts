import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { driftIds } from '../../src/domain/drift/ids.ts';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { workflowIds } from '../../src/domain/service/requests.ts';
import type { Quarantine } from '../../src/domain/rollout/status.ts';
import { hostTaskQueue } from '../../src/domain/task-queues.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { act } from './act.ts';
import { ExperimentBench } from './experiment-bench.ts';
import { answering, lost } from './faults.ts';
import { input, spec } from './samples.ts';
import { type StackWorker, startStackWorker } from './stack-worker.ts';
import { benchForEach } from './suite.ts';

/** A host beside that of the lane. */
const A = { id: 'a-11111111', name: 'a', version: '0.1.0', worker: { id: 'w', pools: ['default'], blueprints: [] } };

const ROLLOUT = { to: 2, live: 1 };

describe('a stack that runs on another host', () => {
  const bench = benchForEach();
  let worker: StackWorker | undefined;
  /** What workers of that host were asked to do. */
  let done: string[];

  beforeEach(() => {
    done = [];
  });
  afterEach(async () => {
    await worker?.end();
    worker = undefined;
  });

  /** Its worker runs from now on, as real ones do: it gives a sign of life, unless told, and serves its own queue. */
  async function startHost({ isSilent = false } = {}): Promise<void> {
    const { activities, taskQueue } = bench();
    if (!isSilent) await activities.store.hosts.announce(A);
    const queue = { taskQueue: hostTaskQueue(taskQueue, A.id), host: A.id };
    worker = await startStackWorker(bench(), queue, (name) => done.push(name));
  }

  function bind(revision: number): void {
    bench().activities.bindings.hosts.set(revision, A.id);
  }

  async function quarantined(): Promise<Quarantine[]> {
    const { activities, service } = bench();
    const [found] = await activities.store.catalogue.overview(service);
    return found?.quarantine ?? [];
  }

  it('is destroyed there, whoever was asked first', async () => {
    const { activities, service } = bench();
    await startHost();
    bind(1);
    const handle = await bench().start(input(spec(service, { warm: 0 }), ROLLOUT));
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.quarantined], ['succeeded', []]);
    assert.deepEqual(done, ['destroy']);
    assert.equal(activities.stacks.standing(1), false);
  });

  it('is no rollout’s to wait for while its host is away: a teardown says what it waits for, and goes on once it is back', async () => {
    const { activities, service, env } = bench();
    bind(1);
    const handle = await bench().start(input(spec(service, { warm: 0 }), ROLLOUT));
    const { status } = await handle.result();
    const stack = `web-${service.environment}-r1`;
    assert.deepEqual([status.outcome, status.quarantined], ['succeeded', [stack]]);
    const note = status.phases.find(({ phase }) => phase === 'teardown')?.note;
    assert.equal(note, 'r1 could not be destroyed yet: the teardown goes on');
    await bench().visible(async () => (await quarantined()).length > 0);
    const [waiting] = await quarantined();
    assert.equal(
      waiting?.lastError,
      `waits for host ${A.id}, never seen yet; supplant hosts forget ${A.id} --reason WHY ends the wait`,
    );
    const left = env.client.workflow.getHandle(workflowIds.teardown(service, 1));
    // It comes with the end of the task that has put the record down.
    await bench().visible(
      async () => (await left.describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.host) === A.id,
    );
    assert.ok(activities.stacks.standing(1));
    const events = await activities.store.audit.list();
    assert.ok(!events.some(({ type }) => type === 'stack.destroyed'));

    await startHost();
    await left.result();
    assert.deepEqual(done, ['destroy']);
    assert.equal(activities.stacks.standing(1), false);
    assert.deepEqual(await quarantined(), []);
  });

  it('is taken to be gone once its host is forgotten', async () => {
    const { activities } = bench();
    bind(9);
    const handle = await bench().tearDown(9);
    await bench().visible(async () => (await quarantined()).length > 0);
    assert.ok(await activities.store.hosts.forget(A.id, { actor: 'ada', reason: 'it burned down' }));
    activities.bindings.forgotten.add(A.id);
    await handle.result();
    assert.deepEqual(await quarantined(), []);
  });

  it('is waited for aloud also where its host is there, and does not begin', async () => {
    const { activities } = bench();
    await activities.store.hosts.announce(A);
    bind(9);
    const handle = await bench().tearDown(9);
    await bench().visible(async () => (await quarantined()).length > 0);
    const late = 'all its places are taken, or its workers are of another version';
    assert.equal(
      (await quarantined())[0]?.lastError,
      `waits for host ${A.id}, which is live and has not begun; ${late}`,
    );
    await startHost();
    await handle.result();
    assert.deepEqual(await quarantined(), []);
  });

  it('is completed there; while that host is away the rollout says so, and an abort ends it at once', async () => {
    const { activities, service } = bench();
    bind(2);
    const handle = await bench().start(input(spec(service), ROLLOUT));
    const { wait } = await bench().until(handle, (status) => status.wait !== undefined);
    assert.match(wait?.on ?? '', /^host a-11111111, never seen yet, where r2 runs$/);
    assert.match(wait?.endedBy ?? '', /; abort; supplant hosts forget a-11111111 --reason WHY$/);
    assert.ok(Date.parse(wait?.until ?? '') > Date.now());
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    assert.equal(status.wait, undefined);
    assert.deepEqual(status.quarantined, [`web-${service.environment}-r2`]);
    assert.equal(activities.router.weights.r1, 100);
  });

  it('is completed there when its host comes back', async () => {
    const { service } = bench();
    bind(2);
    const handle = await bench().start(input(spec(service), ROLLOUT));
    await bench().until(handle, (status) => status.wait !== undefined);
    await startHost();
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.wait], ['succeeded', undefined]);
    assert.deepEqual(done, ['provision']);
  });

  it('is not made anew where its host was forgotten: the rollout is put back', async () => {
    const { activities, service } = bench();
    bind(2);
    const handle = await bench().start(input(spec(service), ROLLOUT));
    await bench().until(handle, (status) => status.wait !== undefined);
    activities.bindings.forgotten.add(A.id);
    await activities.store.hosts.forget(A.id, { actor: 'ada', reason: 'it burned down' });
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.because], ['failed', 'its host was forgotten']);
    assert.deepEqual(status.quarantined, []);
  });

  it('is looked at there; of a host that is away nothing is known, which is no drift', async () => {
    const { activities, env, taskQueue, service } = bench();
    await bench().prepare(input(spec(service), { to: 99, live: 1 }));
    bind(1);
    const look = async (): Promise<unknown> =>
      env.client.workflow.execute('drift', {
        workflowId: `${driftIds.look}-${service.environment}-${done.length}`,
        taskQueue,
      });
    assert.equal(await look(), '1 stack, 0 not as they were made, 1 that could not be looked at');
    const [record] = await activities.store.drift.list();
    assert.equal(record?.trouble?.because, `host ${A.id}, never seen yet, is away`);
    assert.deepEqual(record.findings, []);
    await startHost();
    done.push('-');
    assert.equal(await look(), '1 stack, 0 not as they were made, 0 that could not be looked at');
    assert.deepEqual(done, ['-', 'lookForDrift']);
  });

  it('of an experiment is made and destroyed there, and the run says what it waits for', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    const [variant] = desk.spec().variants;
    await desk.apply({ variants: [variant!] });
    // The revision of a run's stacks is its number.
    bind(1);
    const run = await desk.run();
    const waiting = await desk.until(run, ({ wait }) => wait !== undefined);
    assert.match(waiting.wait?.on ?? '', /^host a-11111111, never seen yet, where variant blue runs$/);
    // Nobody has seen it, so that it is away at once when it ends.
    await startHost({ isSilent: true });
    const hold = activities.hold('destroyVariant');
    await hold.reached;
    await worker?.end();
    worker = undefined;
    bind(1);
    hold.release();
    const leaving = await desk.until(run, ({ wait }) => wait?.on.startsWith('host a-11111111') === true);
    assert.equal(leaving.phase, 'destroy');
    assert.match(leaving.wait?.then ?? '', /of a host that is forgotten it is taken to be gone/);
    assert.equal(activities.variants.names.length, 1);
    await startHost();
    assert.equal((await run.over()).outcome, 'succeeded');
    assert.deepEqual(done, ['provisionVariant', 'destroyVariant']);
    assert.deepEqual(await desk.left(), []);
  });

  it('is listed by its own host before the reaper decides about it, and destroyed there', async () => {
    const { activities, env, taskQueue, service } = bench();
    await startHost();
    const stack = { project: service.environment, stack: 'left-over', host: A.id };
    activities.on('survey', answering({ ask: [A.id, 'b-22222222'] }));
    activities.on('survey', answering({ reap: [stack], teardowns: [], summary: 'one is nobody’s' }));
    const summary: unknown = await env.client.workflow.execute('reaper', {
      workflowId: `${reaperIds.look}-${service.environment}`,
      taskQueue,
    });
    assert.equal(summary, 'one is nobody’s');
    const surveys = activities.calls.filter(({ name }) => name === 'survey').map(({ task }) => task);
    assert.deepEqual(surveys, [undefined, [{ host: A.id, isListed: true }, { host: 'b-22222222' }]]);
    await env.client.workflow.getHandle(reaperIds.reap(stack)).result();
    assert.deepEqual(done, ['takeInventory', 'reap']);
  });

  it('holds up no look of the reaper when it is lost in the middle of it', async () => {
    const { activities, env, taskQueue, service } = bench();
    await startHost();
    activities.on('survey', answering({ ask: [A.id] }));
    activities.on('takeInventory', lost());
    activities.on('survey', answering({ reap: [], teardowns: [], summary: 'nothing' }));
    const look = { workflowId: `${reaperIds.look}-${service.environment}`, taskQueue };
    assert.equal(await env.client.workflow.execute('reaper', look), 'nothing');
    const answers = activities.calls.filter(({ name }) => name === 'survey').map(({ task }) => task);
    assert.deepEqual(answers, [undefined, [{ host: A.id, because: 'no answer in time (HEARTBEAT)' }]]);
  }).timeout(60_000);
});
