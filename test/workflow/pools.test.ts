import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { SILENT_AFTER_MS } from '../../src/domain/pools/served.ts';
import { driftIds } from '../../src/domain/drift/ids.ts';
import { renderDetails } from '../../src/domain/rollout/details.ts';
import { ISO_TIMES, narrateRollout } from '../../src/domain/rollout/narrate.ts';
import type { Quarantine } from '../../src/domain/rollout/status.ts';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { poolTaskQueue } from '../../src/domain/task-queues.ts';
import { act } from './act.ts';
import { ExperimentBench } from './experiment-bench.ts';
import { answering } from './faults.ts';
import { input, spec } from './samples.ts';
import { type StackWorker, startStackWorker } from './stack-worker.ts';
import { benchForEach } from './suite.ts';

const POOL = 'eu-west';

const ROLLOUT = { to: 2, live: 1 };

describe('what is made in a pool', () => {
  const bench = benchForEach();
  let workers: StackWorker[];
  /** What workers of the pool were asked to do. */
  let done: string[];

  beforeEach(() => {
    done = [];
    workers = [];
  });
  afterEach(async () => {
    for (const worker of workers) await worker.end();
  });

  /** A worker that was seen just now, beside that of the lane. */
  async function announce(id: string, pools: string[]): Promise<void> {
    const worker = { id, pools, blueprints: [] };
    await bench().activities.store.hosts.announce({ id, name: id, version: '0.1.0', worker });
  }

  /** A worker of the pool runs from now on. */
  async function startPool(): Promise<void> {
    await announce('eu-1', [POOL]);
    const queue = { taskQueue: poolTaskQueue(bench().taskQueue, POOL) };
    workers.push(await startStackWorker(bench(), queue, (name) => done.push(name)));
  }

  async function quarantined(): Promise<Quarantine[]> {
    const { activities, service } = bench();
    const [found] = await activities.store.catalogue.overview(service);
    return found?.quarantine ?? [];
  }

  it('is made and destroyed by its workers, and by no other', async () => {
    const { activities, service } = bench();
    await startPool();
    const handle = await bench().start(input(spec(service, { warm: 0, pool: POOL }), ROLLOUT));
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.quarantined], ['succeeded', []]);
    assert.deepEqual(done, ['provision', 'destroy']);
    assert.equal(activities.stacks.standing(1), false);
  });

  it('waits while nobody serves the pool, and says what for; it goes on once somebody does', async () => {
    const { service } = bench();
    await announce('us-1', ['us', 'default']);
    const handle = await bench().start(input(spec(service, { pool: POOL }), ROLLOUT));
    const waiting = await bench().until(handle, (status) => status.wait !== undefined);
    const { on = '', endedBy, until = '' } = waiting.wait ?? {};
    assert.match(on, /r2: no worker serves pool eu-west \(pools served: default, us\)$/);
    assert.equal(endedBy, 'a worker that is started with --pool eu-west; abort');
    assert.ok(Date.parse(until) > Date.now());
    for (const told of [renderDetails(waiting), narrateRollout(waiting, ISO_TIMES).join(' ')]) {
      assert.match(told, /no worker serves pool eu-west \(pools served: default, us\).*--pool eu-west; abort/);
    }
    await startPool();
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.wait], ['succeeded', undefined]);
    assert.deepEqual(done, ['provision']);
  });

  it('is looked at again when the worker that was seen last may have fallen silent', async () => {
    const { env, service } = bench();
    await announce('eu-1', [POOL]);
    const handle = await bench().start(input(spec(service, { pool: POOL }), ROLLOUT));
    const timers = async () => {
      const { events } = await env.client.workflow.getHandle(handle.workflowId).fetchHistory();
      return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? []);
    };
    await bench().visible(async () => (await timers()).length > 0);
    const [pause] = await timers();
    const seconds = Number(pause?.seconds);
    assert.ok(seconds > 2 && seconds * 1_000 <= SILENT_AFTER_MS, `${seconds} s`);
    await startPool();
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('can be aborted while nobody serves the pool; a teardown then says what it waits for', async () => {
    const { activities, env, service } = bench();
    const handle = await bench().start(input(spec(service, { pool: POOL }), ROLLOUT));
    await bench().until(handle, (status) => status.wait !== undefined);
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    const stack = `web-${service.environment}-r2`;
    assert.deepEqual([status.outcome, status.wait, status.quarantined], ['aborted', undefined, [stack]]);
    assert.equal(activities.router.weights.r1, 100);
    await bench().visible(async () => (await quarantined()).length > 0);
    const [left] = await quarantined();
    const why = 'no worker serves pool eu-west (pools served: none); a worker that is started with --pool eu-west';
    assert.equal(left?.lastError, `waits for a worker: ${why} ends the wait`);
    await startPool();
    await env.client.workflow.getHandle(workflowIds.teardown(service, 2)).result();
    assert.deepEqual(done, ['destroy']);
    assert.deepEqual(await quarantined(), []);
  });

  it('is looked at there; where nobody serves the pool nothing is known, which is no drift', async () => {
    const { activities, env, taskQueue, service } = bench();
    await bench().prepare(input(spec(service, { pool: POOL }), { to: 99, live: 1 }));
    const look = async (): Promise<unknown> =>
      env.client.workflow.execute('drift', {
        workflowId: `${driftIds.look}-${service.environment}-${done.length}`,
        taskQueue,
      });
    assert.equal(await look(), '1 stack, 0 not as they were made, 1 that could not be looked at');
    const [record] = await activities.store.drift.list();
    assert.equal(record?.trouble?.because, 'no worker serves pool eu-west (pools served: none)');
    assert.ok(!('pool' in record));
    await startPool();
    done.push('-');
    assert.equal(await look(), '1 stack, 0 not as they were made, 0 that could not be looked at');
    assert.deepEqual(done, ['-', 'lookForDrift']);
  });

  it('of an experiment like it is made and destroyed there, and the run says what it waits for', async () => {
    const { activities, service } = bench();
    await bench().prepare(input(spec(service, { pool: POOL }), { to: 99, live: 1 }));
    const desk = new ExperimentBench(bench());
    await desk.apply({ variants: [{ name: 'blue', source: { kind: 'like', service } }] });
    const run = await desk.run();
    const waiting = await desk.until(run, ({ wait }) => wait !== undefined);
    assert.match(waiting.wait?.on ?? '', /variant blue: no worker serves pool eu-west \(pools served: none\)$/);
    assert.match(waiting.wait?.endedBy ?? '', /--pool eu-west; stop$/);
    await startPool();
    assert.equal((await run.over()).outcome, 'succeeded');
    assert.deepEqual(done, ['provisionVariant', 'destroyVariant']);
    assert.deepEqual(activities.variants.names, []);
  });

  it('is destroyed there by the reaper, which waits for nobody', async () => {
    const { activities, env, taskQueue, service } = bench();
    const reap = async (): Promise<unknown> => {
      const stack = { project: service.environment, stack: 'left-over', pool: POOL };
      activities.on('survey', answering({ reap: [stack], teardowns: [], summary: 'one is nobody’s' }));
      const workflowId = `${reaperIds.look}-${service.environment}-${done.length}`;
      await env.client.workflow.execute('reaper', { workflowId, taskQueue });
      return env.client.workflow.getHandle(reaperIds.reap(stack)).result();
    };
    assert.equal(await reap(), 'it stays for now: no worker serves pool eu-west (pools served: none)');
    await startPool();
    done.push('-');
    assert.equal(await reap(), 'it is gone');
    assert.deepEqual(done, ['-', 'reap']);
  });
});
