import type { WebhookGate } from '../../src/domain/gates/gate.ts';
import { stopsChangedSignal } from '../../src/workflows/shared/messages.ts';
import { approvalGate, windowGate } from '../../test/domain/gates/samples.ts';
import { act } from '../../test/workflow/act.ts';
import type { Bench, RolloutHandle } from '../../test/workflow/bench.ts';
import { answering } from '../../test/workflow/faults.ts';
import { input, spec } from '../../test/workflow/samples.ts';

const APPROVER = { standing: { roles: ['approver' as const] } };
const STOP = { actor: 'ada', reason: 'an incident', since: '2026-01-01T00:00:00.000Z' };

const held = (bench: Bench, handle: RolloutHandle) => bench.until(handle, ({ wait }) => wait !== undefined);

async function over(handle: RolloutHandle): Promise<RolloutHandle> {
  await handle.result();
  return handle;
}

async function atGates(bench: Bench): Promise<RolloutHandle> {
  const until = new Date(Date.now() + 200).toISOString();
  bench.activities.on('lookAtWindow', answering({ isOpen: false, because: 'not now', until }));
  const gates = [
    approvalGate({ before: 'provision', least: 2 }),
    windowGate({ allow: [{ rule: 'FREQ=DAILY', forMs: 86_400_000 }] }),
  ];
  const handle = await bench.start(input(spec(bench.service, { gates }), { to: 2, live: 1 }));
  await held(bench, handle);
  return handle;
}

/** Rollouts that wait for people, times and the end of a stop. */
export const GATE_SCENARIOS: Record<string, (bench: Bench) => Promise<RolloutHandle>> = {
  'gate-approved': async (bench) => {
    const handle = await atGates(bench);
    for (const actor of ['bob', 'cy']) await act(bench, handle, 'approve', { actor, ...APPROVER });
    return over(handle);
  },
  'gate-rejected': async (bench) => {
    const handle = await atGates(bench);
    await act(bench, handle, 'reject', { actor: 'bob', reason: 'no', ...APPROVER });
    return over(handle);
  },
  'gate-expired': async (bench) => {
    const gates = [
      approvalGate({ name: 'first', before: 'provision', then: 'proceed', expiresAfterMs: 100 }),
      approvalGate({ before: 'settle', expiresAfterMs: 100 }),
    ];
    return over(await bench.start(input(spec(bench.service, { gates, bakeMs: 5 }), { to: 2, live: 1 })));
  },
  'gate-passed-by-break-glass': async (bench) => {
    const handle = await atGates(bench);
    await act(bench, handle, 'promote', { actor: 'bob', reason: 'a fix', breakGlass: true });
    return over(handle);
  },
  'gate-webhook': async (bench) => {
    const gates: WebhookGate[] = [
      {
        ...{ kind: 'webhook', name: 'ci', before: 'shift', expiresAfterMs: 3_600_000, then: 'rollback' },
        ...{ url: 'https://ci.example/gate', secret: 'env:GATE_SECRET', everyMs: 20 },
      },
    ];
    bench.activities.on('askGate', answering({ state: 'closed', because: 'tests run' }));
    bench.activities.on('askGate', answering({ state: 'open', because: 'it says open' }));
    return over(await bench.start(input(spec(bench.service, { gates }), { to: 2, live: 1 })));
  },
  'changes-stopped': async (bench) => {
    const { stops } = bench.activities.store;
    await stops.set(STOP);
    const check = bench.activities.hold('check');
    const handle = await bench.start(input(spec(bench.service), { to: 2, live: 1 }));
    await held(bench, handle);
    await stops.lift(STOP);
    await handle.signal(stopsChangedSignal);
    await check.reached;
    await stops.set(STOP);
    check.release();
    await held(bench, handle);
    await stops.lift(STOP);
    await handle.signal(stopsChangedSignal);
    return over(handle);
  },
};
