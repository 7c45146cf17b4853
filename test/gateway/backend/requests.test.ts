import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { Requests } from '../../../src/gateway/backend/requests.ts';
import { type Receipt, workflowIds } from '../../../src/domain/service/requests.ts';
import { type LookRequest, UnfinishedError } from '../../../src/stacks/driver.ts';
import { passing } from '../../workflow/faults.ts';
import { spec } from '../../workflow/samples.ts';
import { ServiceBench } from '../../workflow/service-bench.ts';
import { benchForEach } from '../../workflow/suite.ts';

const HOUR_MS = 3_600_000;

describe('requests of a gateway', () => {
  const bench = benchForEach();
  const commands = () => async () => bench().activities.store.catalogue.commands;

  for (const [name, offset] of [
    ['right', 0],
    ['an hour fast', HOUR_MS],
    ['an hour slow', -HOUR_MS],
  ] as const) {
    it(`are taken once where its clock is ${name}`, async () => {
      const { env, service, taskQueue } = bench();
      const requests = new Requests(env.client, { commands: commands(), taskQueue, now: () => Date.now() + offset });
      const change = { actor: 'ada', requestId: randomUUID() };
      const first = await requests.send<Receipt>(service, { kind: 'apply', spec: spec(service) }, change);
      const again = await requests.send<Receipt>(service, { kind: 'apply', spec: spec(service) }, change);
      assert.equal(first.rollout, 1);
      assert.equal(again.rollout, 1);
    });
  }

  it('say how far it is what needs longer than a request, and are taken once it is done', async () => {
    const { env, service, taskQueue, activities } = bench();
    const requests = new Requests(env.client, { commands: commands(), taskQueue });
    const change = { actor: 'ada', requestId: randomUUID() };
    const ask = () => requests.send<Receipt>(service, { kind: 'apply', spec: spec(service) }, change);
    const asked: (LookRequest | undefined)[] = [];
    const describe = activities.stacks.describe.bind(activities.stacks);
    activities.stacks.describe = async (blueprint, artifact, look) => {
      asked.push(look);
      if (asked.length < 3) throw new UnfinishedError(`${asked.length} files so far`);
      return describe(blueprint, artifact);
    };
    for (const progress of ['1 files so far', '2 files so far']) {
      await assert.rejects(ask(), { reason: 'UNAVAILABLE', progress });
    }
    assert.equal((await ask()).rollout, 1);
    assert.equal(new Set(asked.map((look) => look?.request)).size, 1);
  });

  it('follow a clock that is set while it runs', async () => {
    const { env, service, taskQueue } = bench();
    let offset = 0;
    const requests = new Requests(env.client, { commands: commands(), taskQueue, now: () => Date.now() + offset });
    for (offset of [0, HOUR_MS, -HOUR_MS, 0]) {
      const change = { actor: 'ada', requestId: randomUUID() };
      await requests.send<Receipt>(
        service,
        { kind: 'apply', spec: spec(service, { artifact: `at ${offset}` }) },
        change,
      );
    }
  });

  for (const [when, fault] of [
    ['in its first task', undefined],
    ['after it has begun on it', passing()],
  ] as const) {
    it(`are taken once where their service is terminated ${when}`, async () => {
      const { env, service, taskQueue, activities } = bench();
      const desk = await ServiceBench.live(bench(), 1);
      if (fault) activities.on('accept', fault);
      const hold = activities.hold('accept');
      const requests = new Requests(env.client, { commands: commands(), taskQueue });
      const change = { actor: 'ada', requestId: randomUUID() };
      const asked = { kind: 'apply' as const, spec: spec(service, { artifact: 'v2' }) };
      const answer = requests.send<Receipt>(service, asked, change);
      await hold.reached;
      await desk.handle.terminate();
      hold.release();
      assert.equal((await answer).rollout, 2);
      assert.equal((await requests.send<Receipt>(service, asked, change)).rollout, 2);
      assert.equal((await desk.over({ rollout: 2 })).outcome, 'succeeded');
    });
  }
});

describe('requests of a gateway whose service fails in its worker', () => {
  const bench = benchForEach();

  it('are told so, and that nothing was taken', async () => {
    const { env, service, activities } = bench();
    const taskQueue = `failing-${randomUUID()}`;
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('failing-workflows.ts', import.meta.url)),
    });
    const requests = new Requests(env.client, { commands: async () => activities.store.catalogue.commands, taskQueue });
    const change = { actor: 'ada', requestId: randomUUID() };
    const ask = () => requests.send<Receipt>(service, { kind: 'apply', spec: spec(service) }, change);
    await worker.runUntil(async () => {
      // The server says so from the third failure on; until then it waits for an answer.
      let told: unknown;
      await waitUntil(60_000, async () => {
        told = await ask().catch((error: unknown) => error);
        return told instanceof ApiError && told.message.includes('failed in its worker several times');
      });
      assert.ok(told instanceof ApiError, String(told));
      assert.equal(told.reason, 'UNAVAILABLE');
      assert.match(
        told.message,
        /^the workflow that was asked took nothing: it failed in its worker several times in a row/,
      );
      assert.match(told.suggestion ?? '', /Temporal UI/);
    });
    await env.client.workflow.getHandle(workflowIds.service(service)).terminate();
  });
});

describe('requests of a gateway whose service goes on in a new run', () => {
  const LONG = 40;
  const bench = benchForEach([`limit.historyCount.suggestContinueAsNew=${LONG}`]);

  /** How many of the tasks of a run the server has discarded. */
  async function discarded({ workflowId }: { workflowId: string }, runId: string): Promise<number> {
    const { events } = await bench().env.client.workflow.getHandle(workflowId, runId).fetchHistory();
    return (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes).length;
  }

  it('are taken, too, in a task that the server discards for what came in meanwhile', async () => {
    const { env, service, taskQueue, activities } = bench();
    const { handle } = await ServiceBench.live(bench(), 1);
    const requests = new Requests(env.client, { commands: async () => activities.store.catalogue.commands, taskQueue });
    /** The request's own task has to be the one that ends the run: what comes in earlier makes another one that does. */
    const tries: Promise<number>[] = [];
    for (let kind: 'pin' | 'unpin' = 'pin'; tries.length < 6; kind = kind === 'pin' ? 'unpin' : 'pin') {
      const { runId, historyLength } = await handle.describe();
      const hold = activities.hold('readCommand');
      const change = { actor: 'ada', requestId: randomUUID() };
      const answer = requests.send<string>(service, { kind, revision: 1 }, change);
      await hold.reached;
      if (historyLength >= LONG - 1 - tries.length) await handle.signal('of no meaning');
      hold.release();
      assert.ok(await answer);
      if ((await handle.describe()).runId === runId) continue;
      tries.push(discarded(handle, runId));
      if (((await tries.at(-1)) ?? 0) > 0) return;
    }
    assert.fail('no task was discarded');
  });
});
