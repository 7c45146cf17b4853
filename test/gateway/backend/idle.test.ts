import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { GRPC, askWorker, readGrpcCode } from '../../../src/gateway/backend/grpc.ts';
import { LocalBackend } from '../../../src/gateway/backend/local-backend.ts';
import { workflowIds } from '../../../src/domain/service/requests.ts';
import { input, revision, spec } from '../../workflow/samples.ts';
import type { Bench } from '../../workflow/bench.ts';
import { permanent } from '../../workflow/faults.ts';
import { ServiceBench } from '../../workflow/service-bench.ts';
import { benchForEach } from '../../workflow/suite.ts';

const AT = '2026-01-01T00:00:00.000Z';

function backendFor({ env, activities }: Bench): LocalBackend {
  return new LocalBackend({
    temporal: env.client,
    routers: { of: () => activities.router.of(), close: async () => undefined },
    openStore: async () => activities.store,
    namespace: env.namespace ?? 'default',
    stacks: '/nowhere',
  });
}

describe('looks at a worker that Temporal has not seen asking for work lately', () => {
  // The window, 20 s unless told, within which a worker has to have asked for work before a query is sent to it.
  const bench = benchForEach(['matching.queryPollerUnavailableWindow="1ms"']);

  const backendOf = () => backendFor(bench());
  /** One that a worker gets and does not answer must not be waited for. */
  const soon = <T>(ask: () => Promise<T>): Promise<T> => bench().env.connection.withDeadline(Date.now() + 10_000, ask);

  it('are repeated until it does', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await bench().stop();
    // Temporal refuses at once to wait for a worker.
    await bench().visible(async () => {
      const refused: unknown = await soon(() => desk.status()).catch((error: unknown) => error);
      return readGrpcCode(refused) === GRPC.precondition;
    });
    let asked = 0;
    const answer = askWorker(() => {
      asked += 1;
      return soon(() => desk.status());
    }, Date.now() + 60_000);
    await bench().visible(async () => asked > 1);
    await bench().restart();
    assert.equal((await answer)?.live, 1);
  });

  it('fail with what Temporal said where none does in time', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await bench().stop();
    await bench().visible(async () => {
      const refused: unknown = await askWorker(() => soon(() => desk.status()), Date.now() + 300).catch(
        (error: unknown) => error,
      );
      return readGrpcCode(refused) === GRPC.precondition;
    });
  });

  it('are not needed for lists: those come from the record, however many services there are', async () => {
    const { activities, service } = bench();
    for (let number = 1; number <= 40; number += 1) {
      const key = { ...service, name: `web-${number}` };
      await activities.store.catalogue.saveService(spec(key), 1);
      const made = revision(spec(key), 1);
      await activities.store.catalogue.saveRevision({ ...made, state: 'live', since: AT, endpoints: [] }, 1);
    }
    const listed = await backendOf().services();
    assert.deepEqual(
      listed.map(({ status }) => status.live),
      Array.from({ length: 40 }, () => 1),
    );
    assert.ok(listed.every(({ status }) => status.trouble === undefined));
  });
});

describe('a view of a service that was removed', () => {
  const bench = benchForEach();

  it('is there for as long as a stack of it cannot be destroyed, and says what keeps that', async () => {
    const { activities, service } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    activities.on('destroy', permanent('StackFailed', 'the cloud refuses'));
    await desk.ended(await desk.remove());
    const backend = backendFor(bench());
    const { status, warnings } = await backend.view(service);
    assert.match(status.removedAt ?? '', /^\d{4}-/);
    assert.deepEqual([status.live, warnings], [undefined, undefined]);
    assert.match(status.quarantine[0]?.lastError ?? '', /the cloud refuses/);
    assert.deepEqual(
      (await backend.services()).map(({ status: { removedAt } }) => removedAt),
      [status.removedAt],
    );
    // As its teardown does once the stack is gone.
    await activities.store.catalogue.teardowns.forget(service, 1);
    assert.deepEqual(await backend.services(), []);
    await assert.rejects(backend.view(service), /was removed at/);
  });
});

describe('a view of what does not answer', () => {
  const bench = benchForEach();

  const backendOf = () => backendFor(bench());

  it('shows the recorded facts, what keeps it and who can end that, and all others as they are', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('check');
    const handle = await bench().start(input(spec(service), { to: 2, live: 1 }));
    await hold.reached;
    const other = { ...service, name: 'other' };
    await activities.store.catalogue.saveService(spec(other), 1);
    await bench().stop();
    const backend = backendOf();
    const { phase, phases, wait, actor, reason } = await backend.rollout(service, 50);
    assert.deepEqual([phase, actor, reason], ['validate', 'ada', 'because']);
    assert.deepEqual(
      phases.map(({ state }) => state),
      ['done', 'done', 'running', 'pending', 'pending', 'pending', 'pending'],
    );
    assert.match(wait?.on ?? '', /its workflow, which does not answer: no worker answered in time; .* as recorded at/);
    assert.match(wait?.endedBy ?? '', /a worker that takes its work/);
    const listed = await backend.services();
    assert.deepEqual(
      listed.map(({ status, rollout }) => [status.spec.service.name, status.live, rollout?.phase]),
      [
        ['other', undefined, undefined],
        ['web', 1, 'validate'],
      ],
    );
    hold.release();
    await bench().restart();
    await handle.result();
  });

  it('says that a service’s workflow was terminated, and that it begins again', async () => {
    const { activities, service } = bench();
    await activities.store.catalogue.saveService(spec(service), 1);
    const { status } = await backendOf().view(service);
    assert.match(status.trouble?.on ?? '', /its workflow, which is not there/);
    assert.match(status.trouble?.endedBy ?? '', /a worker, within 15 s, or the next request/);
  });

  it('says with what a workflow’s task fails, and that it is tried again', async () => {
    const { activities, service, env, taskQueue } = bench();
    await activities.store.catalogue.saveService(spec(service), 1);
    // No worker has such code: each of its tasks fails, as those of a workflow do whose code has a fault.
    const workflowId = workflowIds.service(service);
    const handle = await env.client.workflow.start('no-such-workflow', { workflowId, taskQueue, args: [] });
    await bench().visible(async () => {
      const { trouble } = (await backendOf().view(service)).status;
      return /whose task fails \(attempt \d+\): .*no-such-workflow/.test(trouble?.on ?? '');
    });
    await handle.terminate();
  });
});
