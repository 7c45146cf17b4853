import type { WorkflowHandle } from '@temporalio/client';
import type { Bench } from '../../test/workflow/bench.ts';
import { HookServer } from '../../test/workflow/hook-server.ts';
import { ServiceBench } from '../../test/workflow/service-bench.ts';
import { input, spec } from '../../test/workflow/samples.ts';

/** A rollout with hooks of which one answers as told; what they answer is in its history. */
async function hooked(
  bench: Bench,
  what: Parameters<typeof input>[1],
  answers: readonly Record<string, string>[],
  kinds: ('deploy' | 'rollback')[] = ['deploy'],
) {
  await using server = await HookServer.start();
  server.answers('smoke', ...answers);
  const hooks = [
    server.hook('smoke', { moment: 'before', phase: 'shift', kinds }),
    server.hook('moved', { moment: 'after', phase: 'shift', kinds }),
    server.hook('live', { moment: 'after', phase: 'settle', onFailure: 'ignore', kinds }),
  ];
  const handle = await bench.start(input(spec(bench.service, { hooks }), what));
  await handle.result();
  return handle;
}

/** A service whose second revision is contracted once the first is gone, in two calls. */
async function contracted(bench: Bench): Promise<WorkflowHandle> {
  await using server = await HookServer.start();
  server.answers('contract', { status: 'in-progress' }, { status: 'succeeded' });
  const { url, secret, timeoutMs } = server.hook('contract', { moment: 'after', phase: 'settle' });
  const desk = await ServiceBench.live(bench, 1);
  const migrations = { contract: { url, secret, timeoutMs, afterMs: 0 } };
  await desk.over(await desk.apply('v2', { warmForMs: 60, migrations }));
  const { contracts } = bench.activities.store.catalogue;
  await bench.visible(async () => (await contracts.list(bench.service)).some(({ state }) => state === 'done'));
  return desk.handle;
}

/** Rollouts that call hooks: asked again and again, failing, and told beside a rollback. */
export const HOOK_SCENARIOS: Record<string, (bench: Bench) => Promise<WorkflowHandle>> = {
  hooks: (bench) => hooked(bench, { to: 2, live: 1 }, [{ status: 'in-progress' }, { status: 'succeeded' }]),
  'hooks-failing': (bench) => hooked(bench, { to: 2, live: 1 }, [{ status: 'failed', reason: 'no' }]),
  'hooks-of-a-rollback': (bench) =>
    hooked(bench, { kind: 'rollback', to: 1, live: 2, warm: [1] }, [{ status: 'failed' }], ['rollback']),
  'service-contracting': contracted,
};
