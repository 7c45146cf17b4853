import type { WorkflowHandle } from '@temporalio/client';
import { act } from '../../test/workflow/act.ts';
import type { Bench } from '../../test/workflow/bench.ts';
import { input, spec } from '../../test/workflow/samples.ts';

type Scenario = (bench: Bench) => Promise<WorkflowHandle>;

/** A host of which no worker is there. */
const HOST = 'a-11111111';

function bind({ activities }: Bench, revision: number): void {
  activities.bindings.hosts.set(revision, HOST);
}

/** What waits for a host that is away. */
export const HOST_SCENARIOS: Record<string, Scenario> = {
  'teardown-of-a-forgotten-host': async (bench) => {
    const { activities, service } = bench;
    bind(bench, 9);
    const handle = await bench.tearDown(9);
    await bench.visible(async () => (await activities.store.catalogue.overview(service))[0]?.quarantine.length === 1);
    activities.bindings.forgotten.add(HOST);
    await activities.store.hosts.forget(HOST, { actor: 'ada', reason: 'it burned down' });
    await handle.result();
    return handle;
  },
  'aborted-while-a-host-is-away': async (bench) => {
    bind(bench, 2);
    const handle = await bench.start(input(spec(bench.service), { to: 2, live: 1 }));
    await bench.until(handle, ({ wait }) => wait !== undefined);
    await act(bench, handle, 'abort');
    await handle.result();
    return handle;
  },
};
