import type { WorkflowHandle } from '@temporalio/client';
import type { ConcurrencyPolicy } from '../../src/domain/service/service.ts';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { catchUpSignal } from '../../src/workflows/shared/messages.ts';
import { act } from '../../test/workflow/act.ts';
import type { Bench } from '../../test/workflow/bench.ts';
import { passing } from '../../test/workflow/faults.ts';
import { recordAlone } from '../../test/workflow/record-alone.ts';
import { ServiceBench, isOver } from '../../test/workflow/service-bench.ts';

type Scenario = (bench: Bench) => Promise<WorkflowHandle>;

const LONG_MS = 3_600_000;

/** A service with a rollout held in its first step, while others are asked for. */
async function busy(bench: Bench, concurrency: ConcurrencyPolicy, ask: (desk: ServiceBench) => Promise<unknown>) {
  const desk = await ServiceBench.live(bench, 1, { concurrency });
  const hold = bench.activities.hold('provision');
  const receipt = await desk.deploy('v2');
  await hold.reached;
  await ask(desk);
  hold.release();
  await desk.over(receipt);
  return desk.handle;
}

async function service(bench: Bench, change: (desk: ServiceBench) => Promise<unknown>): Promise<WorkflowHandle> {
  const desk = await ServiceBench.live(bench, 2);
  await change(desk);
  await desk.over(await desk.remove()).catch(() => undefined);
  await bench.visible(() => isOver(desk.handle));
  return desk.handle;
}

/** What a service is asked for, and what becomes of its queue. */
export const SERVICE_SCENARIOS: Record<string, Scenario> = {
  service: (bench) => service(bench, async (desk) => desk.over(await desk.rollback())),
  'service-salvaging': (bench) =>
    service(bench, async (desk) => {
      const hold = bench.activities.hold('bake');
      const receipt = await desk.apply('v3', { bakeMs: LONG_MS });
      await hold.reached;
      await desk.rollout(receipt.rollout).terminate();
      await desk.until(({ last }) => last === receipt.rollout);
    }),
  'service-rejecting': (bench) =>
    busy(bench, 'reject', async (desk) => {
      await desk.deploy('v3').catch(() => undefined);
      await desk.rollback(1);
    }),
  'service-superseding-queued': (bench) =>
    busy(bench, 'supersede-queued', async (desk) => {
      await desk.deploy('v3');
      await desk.deploy('v4');
    }),
  'service-marking': (bench) =>
    service(bench, async (desk) => {
      await desk.note({ kind: 'pin', revision: 1 });
      await desk.note({ kind: 'unpin', revision: 1 });
      await desk.note({ kind: 'mark-bad', revision: 1 });
      await desk.rollback(1).catch(() => undefined);
    }),
  'service-retiring': async (bench) => {
    const desk = await ServiceBench.live(bench, 2, { warmForMs: 1 });
    await bench.visible(async () => bench.activities.stacks.names.length === 1);
    await bench.env.client.workflow.getHandle(workflowIds.teardown(bench.service, 1)).result();
    await desk.until(({ revisions }) => revisions.length === 1);
    return desk.handle;
  },
  'service-dry-runs': (bench) =>
    service(bench, async (desk) => {
      await desk.dryRun({ kind: 'deploy', artifact: 'v3' });
      await desk.dryRun({ kind: 'rollback', to: 9 }).catch(() => undefined);
      await desk.dryRun({ kind: 'pin', revision: 1 });
    }),
  'service-on-record': (bench) =>
    service(bench, async (desk) => {
      const hold = bench.activities.hold('bake');
      const receipt = await desk.apply('v3', { bakeMs: 20 });
      await hold.reached;
      const { rollout } = await desk.apply('v4');
      await desk.note({ kind: 'pin', revision: 1 });
      await desk.note({ kind: 'drop', rollout });
      await desk.rollback();
      hold.release();
      await desk.over(receipt);
    }),
  'service-applying-after-an-abort': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    const hold = bench.activities.hold('bake');
    const { rollout: number } = await desk.apply('v2', { bakeMs: LONG_MS });
    await hold.reached;
    const destroying = bench.activities.hold('destroy');
    await act(bench, desk.rollout(number), 'abort');
    const again = await desk.apply('v2');
    await destroying.reached;
    destroying.release();
    await desk.over(again);
    return desk.handle;
  },
  'service-asked-at-once': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    const [receipt] = await Promise.all([
      desk.apply('v2'),
      desk.dryRun({ kind: 'deploy', artifact: 'v3' }),
      desk.note({ kind: 'pin', revision: 1 }),
      desk.handle.signal(catchUpSignal),
      desk.status(),
    ]);
    await desk.over(receipt);
    return desk.handle;
  },
  'service-superseding': async (bench) => {
    const desk = await ServiceBench.live(bench, 1, { concurrency: 'supersede-running' });
    const hold = bench.activities.hold('provision');
    await desk.deploy('v2');
    await hold.reached;
    await desk.deploy('v3');
    const receipt = await desk.deploy('v4');
    hold.release();
    await desk.over(receipt);
    return desk.handle;
  },
  'service-told-of-its-record': async (bench) => {
    const { desk, hold, lost } = await recordAlone(bench);
    await desk.handle.signal(catchUpSignal);
    hold.release();
    await desk.over(lost);
    return desk.handle;
  },
  'service-taking-up': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    bench.activities.on('open', passing());
    const hold = bench.activities.hold('open');
    await desk.apply('v2');
    await hold.reached;
    const { rollout } = await desk.apply('v3');
    await desk.handle.terminate();
    await desk.apply('v4');
    hold.release();
    await desk.over({ rollout });
    return desk.handle;
  },
  'service-restarting': (bench) =>
    service(bench, async (desk) => {
      await desk.over(await desk.restart());
    }),
  'service-changing-settings': (bench) =>
    service(bench, async (desk) => {
      await desk.apply('v2', { warm: 0, port: 8080 });
      await desk.until(({ revisions }) => revisions.length === 1);
    }),
  'service-changing-settings-meanwhile': (bench) =>
    service(bench, async (desk) => {
      const hold = bench.activities.hold('provision');
      const receipt = await desk.apply('v3');
      await hold.reached;
      await desk.apply('v3', { port: 8080 });
      hold.release();
      await desk.over(receipt);
    }),
  'service-rolling-back-over-a-queue': (bench) =>
    busy(bench, 'queue', async (desk) => {
      await desk.deploy('v3');
      await desk.rollback();
    }),
  'service-ignoring': (bench) => service(bench, (desk) => desk.handle.signal('teardownReport', null)),
};

/** These need a server that soon tells a workflow to go on in a new run. */
export const LONG_SERVICE_SCENARIOS: Record<string, Scenario> = {
  'service-before-new-run': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    const { runId } = await desk.handle.describe();
    for (const artifact of ['v2', 'v3', 'v4']) await desk.over(await desk.deploy(artifact));
    return bench.env.client.workflow.getHandle(desk.handle.workflowId, runId);
  },
  'service-after-new-run': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    const first = (await desk.handle.describe()).runId;
    let number = 2;
    for (; (await desk.handle.describe()).runId === first; number += 1)
      await desk.over(await desk.deploy(`v${number}`));
    const { runId } = await desk.handle.describe();
    await desk.over(await desk.deploy(`v${number}`));
    return bench.env.client.workflow.getHandle(desk.handle.workflowId, runId);
  },
};
