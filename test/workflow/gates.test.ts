import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'mocha';
import type { GateSpec } from '../../src/domain/gates/gate.ts';
import { awaitsApproval } from '../../src/domain/gates/status.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import type { RolloutVerb } from '../../src/domain/rollout/verbs.ts';
import { stopsChangedSignal } from '../../src/workflows/shared/messages.ts';
import { approvalGate, windowGate } from '../domain/gates/samples.ts';
import { type Askable, act, supersede } from './act.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { GateServer } from './gate-server.ts';
import { input, spec } from './samples.ts';
import { refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const APPROVER = { standing: { roles: ['approver' as const] } };
const STOP = { actor: 'ada', reason: 'incident 4711', since: '2026-01-01T00:00:00.000Z' };
/** Open at no time that this test runs in. */
const CLOSED = windowGate({ name: 'closed', allow: [{ rule: 'FREQ=DAILY;COUNT=1', forMs: 60_000 }] });

const refused = async (asked: Promise<string>): Promise<string> => (await refusal(asked)).message;

function started(bench: Bench, gates: GateSpec[], more: Partial<Parameters<typeof input>[1]> = {}) {
  return bench.start(input(spec(bench.service, { bakeMs: 20, gates }), { to: 2, live: 1, ...more }));
}

const waiting = (bench: Bench, handle: RolloutHandle) =>
  bench.until(handle, ({ wait, gates = [] }) => wait !== undefined && gates.some(({ state }) => state === 'waiting'));

describe('a removal at a gate that names it', () => {
  const bench = benchForEach();
  const removing = (gates: GateSpec[]) =>
    bench().start(input(spec(bench().service, { gates }), { kind: 'remove', live: 2, warm: [1] }));

  it('takes nothing away before somebody has approved', async () => {
    const handle = await removing([approvalGate({ verbs: ['remove'] }), approvalGate({ name: 'other' })]);
    const { gates, phase } = await waiting(bench(), handle);
    assert.equal(phase, 'plan');
    assert.deepEqual(
      gates?.map(({ name, before }) => [name, before]),
      [['qa', 'settle']],
    );
    assert.deepEqual(bench().activities.stacks.names, ['r1', 'r2']);
    await act(bench(), handle, 'approve', { actor: 'bob', ...APPROVER });
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(bench().activities.stacks.names, []);
  });

  it('leaves all as it is where somebody says no, or nobody anything', async () => {
    const handle = await removing([approvalGate({ verbs: ['remove'] })]);
    await waiting(bench(), handle);
    await act(bench(), handle, 'reject', { actor: 'bob', ...APPROVER, reason: 'still in use' });
    const { status, revisionSet } = await handle.result();
    assert.deepEqual([status.outcome, status.because], ['aborted', 'rejected by bob: still in use']);
    assert.equal(revisionSet.live?.revision.number, 2);
    assert.deepEqual(bench().activities.stacks.names, ['r1', 'r2']);
  });

  it('that nobody opens: all stays as it is', async () => {
    const handle = await removing([approvalGate({ verbs: ['remove'], expiresAfterMs: 300 })]);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /^gate approval qa did not open in time/);
    assert.deepEqual(bench().activities.stacks.names, ['r1', 'r2']);
  });
});

describe('a rollout at a gate that takes what the Temporal UI sends', () => {
  const bench = benchForEach();
  const FOR_UI = { temporalUi: true, notRequester: false } as const;
  /** As the dialogue of the UI sends it, without any record. */
  const send = (handle: RolloutHandle, verb: RolloutVerb, sent: object) =>
    (handle as unknown as Askable).executeUpdate(verb, { args: [sent], updateId: randomUUID() });

  it('goes on, and puts down the name with that it is only claimed', async () => {
    const handle = await started(bench(), [approvalGate(FOR_UI)]);
    await waiting(bench(), handle);
    assert.equal(await send(handle, 'approve', { by: 'zoe', reason: 'seen it' }), 'gate qa is open, with 1 of 1');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.partialDeepStrictEqual(status.gates?.[0]?.approvals, [{ actor: 'temporal:zoe', reason: 'seen it' }]);
    const events = await bench().activities.store.audit.list({});
    const asked = events.filter(({ type }) => type === 'rollout.asked');
    assert.partialDeepStrictEqual(asked, [
      { actor: 'temporal:zoe', reason: 'seen it', data: { verb: 'approve', claimed: true } },
    ]);
  });

  it('is put back by a no', async () => {
    const handle = await started(bench(), [approvalGate(FOR_UI)]);
    await waiting(bench(), handle);
    assert.match(await send(handle, 'reject', { by: 'zoe', reason: 'too early' }), /puts everything back/);
    assert.equal((await handle.result()).status.because, 'rejected by temporal:zoe: too early');
  });

  it('counts one yes from there, under however many names', async () => {
    const handle = await started(bench(), [approvalGate({ ...FOR_UI, least: 2 })]);
    await waiting(bench(), handle);
    assert.equal(await send(handle, 'approve', { by: 'zoe' }), 'counts for gate qa: 1 of 2 so far');
    assert.match(
      await refused(send(handle, 'approve', { by: 'max' })),
      /one yes from the Temporal UI counts, and temporal:zoe has given it already/,
    );
    assert.match(await act(bench(), handle, 'approve', { actor: 'bob', ...APPROVER }), /is open, with 2 of 2/);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('refuses what is sent there to other gates, other verbs, and what is not to be understood, and goes on waiting', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    for (const verb of ['approve', 'reject'] as const) {
      const because = await refused(send(handle, verb, { by: 'zoe' }));
      assert.match(
        because,
        new RegExp(`^cannot ${verb} in phase validate: qa: what comes from the Temporal UI does not count here`),
      );
    }
    assert.match(await refused(send(handle, 'abort', { by: 'zoe' })), /a command that a gateway has recorded/);
    const faulty = await refused(send(handle, 'approve', { reason: 7, who: 'zoe' }));
    assert.match(faulty, /by: who you are.*reason: why.*nothing else: not who.*For example \{"by"/s);
    const { gates } = await bench().until(handle, ({ wait }) => wait !== undefined);
    assert.equal(gates?.[0]?.state, 'waiting');
    assert.deepEqual(gates[0].approvals, []);
    await act(bench(), handle, 'abort');
    await handle.result();
  });
});

describe('a rollout at a gate that waits for people', () => {
  const bench = benchForEach();
  const ask = (handle: RolloutHandle, verb: RolloutVerb, actor: string, reason?: string) =>
    act(bench(), handle, verb, { actor, ...APPROVER, ...(reason === undefined ? {} : { reason }) });

  for (const [before, phase, none] of [
    ['provision', 'plan', 'provision'],
    ['shift', 'validate', 'shift'],
    ['settle', 'bake', 'settle'],
  ] as const) {
    it(`before ${before} goes on once somebody has approved, and not before`, async () => {
      const handle = await started(bench(), [approvalGate({ before })]);
      const { wait, phase: at, gates } = await waiting(bench(), handle);
      assert.equal(at, phase);
      assert.equal(wait?.on, `gate approval qa before ${before}: 1 approval of approver`);
      assert.ok(wait.until !== undefined && wait.since < wait.until);
      assert.deepEqual(
        gates?.map(({ name, state }) => [name, state]),
        [['qa', 'waiting']],
      );
      assert.equal(bench().activities.called(none), 0);
      assert.equal(await ask(handle, 'approve', 'bob', 'seen it'), 'gate qa is open, with 1 of 1');
      const { status } = await handle.result();
      assert.equal(status.outcome, 'succeeded');
      assert.equal(status.wait, undefined);
      const [gate] = status.gates ?? [];
      assert.equal(gate?.state, 'open');
      assert.partialDeepStrictEqual(gate.approvals, [{ actor: 'bob', reason: 'seen it' }]);
    });
  }

  it('puts down who approved, when and why', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    await ask(handle, 'approve', 'bob', 'seen it');
    await handle.result();
    const { audit } = bench().activities.store;
    const events = (await audit.list({})).filter(({ type }) => type === 'rollout.gate' || type === 'rollout.asked');
    assert.deepEqual(
      events.map(({ type, actor, data }) => [type, actor, data.state ?? data.verb]),
      [
        ['rollout.gate', 'ada', 'waiting'],
        ['rollout.asked', 'bob', 'approve'],
        ['rollout.gate', 'ada', 'open'],
      ],
    );
    assert.partialDeepStrictEqual(events[2]?.data, { approvals: [{ actor: 'bob', reason: 'seen it' }] });
    assert.partialDeepStrictEqual(events[1]?.data, { standing: { roles: ['approver'] } });
  });

  it('takes as many different people as it wants; the requester is none of them, nor is anybody twice', async () => {
    const handle = await started(bench(), [approvalGate({ least: 2, from: ['approver', 'group:sre'] })]);
    await waiting(bench(), handle);
    assert.match(await refused(ask(handle, 'approve', 'ada')), /^cannot approve in phase validate: qa: ada asked/);
    assert.match(await refused(act(bench(), handle, 'approve', { actor: 'eve' })), /eve is none of those/);
    assert.equal(await ask(handle, 'approve', 'bob'), 'counts for gate qa: 1 of 2 so far');
    assert.match(await refused(ask(handle, 'approve', 'bob')), /bob has approved it already/);
    const { wait } = await bench().until(handle, (status) => status.wait?.on.includes('1 more') === true);
    assert.match(wait?.on ?? '', /1 more approval of approver or group:sre, beside bob/);
    const standing = { roles: [], groups: ['group:sre'] };
    assert.match(await act(bench(), handle, 'approve', { actor: 'cy', standing }), /is open, with 2 of 2/);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('is put back when somebody says no, with the reason', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    assert.match(await ask(handle, 'reject', 'bob', 'the schema is not there'), /puts everything back/);
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    assert.equal(status.because, 'rejected by bob: the schema is not there');
    assert.equal(status.gates?.[0]?.state, 'refused');
    assert.equal(revisionSet.live?.revision.number, 1);
    assert.deepEqual(bench().activities.stacks.names, ['r1']);
    assert.equal(bench().activities.called('shift'), 0);
  });

  it('hears one of two who say yes and no at once, and tells the other', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    const answers = await Promise.allSettled([ask(handle, 'approve', 'bob'), ask(handle, 'reject', 'cy', 'no')]);
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
    const { status } = await handle.result();
    assert.equal(status.outcome, answers[0].status === 'fulfilled' ? 'succeeded' : 'aborted');
  });

  for (const [then, outcome] of [
    ['rollback', 'failed'],
    ['proceed', 'succeeded'],
  ] as const) {
    it(`that nobody opens in time: ${then}`, async () => {
      const handle = await started(bench(), [approvalGate({ then, expiresAfterMs: 300 })]);
      const { status } = await handle.result();
      assert.equal(status.outcome, outcome);
      assert.equal(status.gates?.[0]?.state, 'expired');
      if (then === 'rollback') assert.match(status.because ?? '', /^gate approval qa did not open in time: 1 approval/);
    });
  }

  it('goes on where it was when its worker is another one', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    await bench().restart();
    await waiting(bench(), handle);
    await ask(handle, 'approve', 'bob');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('can be aborted', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    assert.equal(status.gates?.[0]?.state, 'skipped');
    assert.equal(status.wait, undefined);
  });

  it('is superseded at once', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    await supersede(bench(), handle);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    assert.match(status.because ?? '', /superseded by rollout 51/);
  });

  it('holds there when it is paused, whatever people say meanwhile', async () => {
    const handle = await started(bench(), [approvalGate()]);
    await waiting(bench(), handle);
    await act(bench(), handle, 'pause');
    const isHeld = ({ wait }: Pick<RolloutStatus, 'wait'>): boolean => wait?.on === 'resume; paused before shift';
    await bench().until(handle, isHeld);
    await ask(handle, 'approve', 'bob');
    assert.ok(isHeld(await handle.query<RolloutStatus>('status')), 'what it waits for is shown still');
    assert.equal(bench().activities.called('shift'), 0);
    await act(bench(), handle, 'resume');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('is passed by break-glass alone, which shows', async () => {
    const handle = await started(bench(), [approvalGate(), approvalGate({ name: 'late', before: 'settle' })]);
    await waiting(bench(), handle);
    assert.match(await refused(act(bench(), handle, 'promote')), /a gate is waited for/);
    const glass = { actor: 'bob', reason: 'incident', breakGlass: true as const };
    assert.match(await act(bench(), handle, 'promote', glass), /by break-glass/);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.partialDeepStrictEqual(status.breakGlass, { actor: 'bob', reason: 'incident' });
    assert.deepEqual(
      status.gates?.map(({ name, state, because }) => [name, state, because]),
      [
        ['qa', 'skipped', 'break-glass by bob: incident'],
        ['late', 'skipped', 'break-glass by bob: incident'],
      ],
    );
  });

  it('stands before every step of a plan, or before one of them', async () => {
    const plan = [10, 50, 100].map((weight) => ({ weight, bakeMs: 5 }));
    const gates = [approvalGate({ name: 'each', step: 'every' }), approvalGate({ name: 'last', step: 3 })];
    const handle = await started(bench(), gates, { plan });
    for (const step of [1, 2, 3]) {
      await bench().until(handle, (status) => status.gates?.at(-1)?.step === step && awaitsApproval(status.gates));
      assert.equal(bench().activities.called('shift'), step - 1);
      assert.match(await ask(handle, 'approve', 'bob'), step === 3 ? /each is open.*last is open/ : /each is open/);
    }
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('takes back what it has shifted where nobody opens the next step', async () => {
    const plan = [10, 100].map((weight) => ({ weight, bakeMs: 5 }));
    const handle = await started(bench(), [approvalGate({ step: 2, expiresAfterMs: 200 })], { plan });
    const { status } = await handle.result();
    assert.equal(status.outcome, 'rolled-back');
    assert.deepEqual(bench().activities.router.weights, { r1: 100 });
    assert.ok((status.exposure?.pausedMs ?? 0) > 0);
  });
});

describe('a rollout at a window', () => {
  const bench = benchForEach();

  it('that is open goes on', async () => {
    const handle = await started(bench(), [windowGate({ allow: [{ rule: 'FREQ=DAILY', forMs: 86_400_000 }] })]);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(
      status.gates?.map(({ state }) => state),
      ['open'],
    );
  });

  it('that is closed waits for its opening, and no longer', async () => {
    let until = '';
    bench().activities.on('lookAtWindow', async () => {
      until = new Date(Date.now() + 2_000).toISOString();
      return { isOpen: false, because: 'denied by X', until };
    });
    const handle = await started(bench(), [
      windowGate({ deny: [], allow: [{ rule: 'FREQ=DAILY', forMs: 86_400_000 }] }),
    ]);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.equal(bench().activities.called('lookAtWindow'), 2);
    // A look from outside may come too late for that.
    const [waited, opened] = (await bench().activities.store.audit.list({})).filter(
      ({ type }) => type === 'rollout.gate',
    );
    assert.equal(waited?.reason, 'denied by X');
    assert.partialDeepStrictEqual(waited.data, { state: 'waiting', opensAt: until });
    assert.equal(opened?.data.state, 'open');
  });

  it('is no obstacle to a rollback, nor to an abort', async () => {
    const described = spec(bench().service, { gates: [CLOSED, approvalGate()] });
    const back = await bench().start(input(described, { kind: 'rollback', to: 1, live: 2, warm: [1] }));
    const { status } = await back.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.gates, undefined);
    assert.equal(bench().activities.called('lookAtWindow'), 0);
  });

  it('can be aborted while it is closed', async () => {
    const handle = await started(bench(), [CLOSED]);
    await waiting(bench(), handle);
    await act(bench(), handle, 'abort');
    assert.equal((await handle.result()).status.outcome, 'aborted');
  });
});

describe('a rollout at a gate that asks a webhook', () => {
  const bench = benchForEach();

  it('asks again and again, each time under an id of its own, until it opens', async () => {
    await using server = await GateServer.start(500, { state: 'closed', reason: 'tests run' }, { state: 'open' });
    const handle = await started(bench(), [server.gate()]);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.partialDeepStrictEqual(status.gates, [{ kind: 'webhook', state: 'open', because: 'it says open' }]);
    assert.equal(new Set(server.asked.map(({ id }) => id)).size, 3);
    assert.partialDeepStrictEqual(server.asked[0]?.data, { gate: 'ci', before: 'shift', step: 1, actor: 'ada' });
  });

  it('shows what it says meanwhile, and can be aborted', async () => {
    await using server = await GateServer.start({ state: 'closed', reason: 'tests run' });
    const handle = await started(bench(), [server.gate({ everyMs: 3_600_000 })]);
    const { wait } = await waiting(bench(), handle);
    assert.match(wait?.on ?? '', /gate webhook ci before shift: tests run/);
    await act(bench(), handle, 'abort');
    assert.equal((await handle.result()).status.outcome, 'aborted');
  });

  it('is put back where that refuses', async () => {
    await using server = await GateServer.start({ state: 'refused', reason: 'the contract is broken' });
    const { status } = await (await started(bench(), [server.gate()])).result();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.because, 'gate webhook ci refuses: the contract is broken');
  });

  it('stays closed where nobody can be asked, until it expires', async () => {
    const gone = await GateServer.start();
    const gate = gone.gate({ everyMs: 100, expiresAfterMs: 400 });
    await gone[Symbol.asyncDispose]();
    const { status } = await (await started(bench(), [gate])).result();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /gate webhook ci did not open in time: it could not be asked: /);
  });
});

describe('a rollout while changes are stopped', () => {
  const bench = benchForEach();
  const stops = () => bench().activities.store.stops;

  it('makes nothing before the stop is lifted', async () => {
    await stops().set(STOP);
    const handle = await started(bench(), []);
    const { wait } = await waiting(bench(), handle);
    assert.match(
      wait?.on ?? '',
      /gate change stop before provision: changes in all environments are stopped by ada: incident 4711/,
    );
    assert.equal(bench().activities.called('provision'), 0);
    await stops().lift(STOP);
    await handle.signal(stopsChangedSignal);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('holds at its next step where one is set meanwhile, with the traffic where it is', async () => {
    const plan = [10, 100].map((weight) => ({ weight, bakeMs: 5 }));
    const bake = bench().activities.hold('bake');
    const handle = await started(bench(), [], { plan });
    await bake.reached;
    await stops().set({ ...STOP, environment: bench().service.environment });
    bake.release();
    const { gates } = await waiting(bench(), handle);
    assert.partialDeepStrictEqual(gates?.at(-1), { kind: 'change-stop', before: 'shift', step: 2 });
    assert.deepEqual(bench().activities.router.weights, { r2: 10, r1: 90 });
    await stops().lift({ ...STOP, environment: bench().service.environment });
    await handle.signal(stopsChangedSignal);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(bench().activities.router.writes.length, 3);
  });

  it('never had traffic where it is aborted before the first step', async () => {
    const check = bench().activities.hold('check');
    const handle = await started(bench(), []);
    await check.reached;
    await stops().set(STOP);
    check.release();
    await waiting(bench(), handle);
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    assert.equal(status.exposure, undefined);
    assert.equal(bench().activities.router.writes.length, 1, 'the route was not touched');
    assert.deepEqual(bench().activities.stacks.names, ['r1']);
  });

  it('heeds only stops of its environment, and none that is over', async () => {
    await stops().set({ ...STOP, environment: 'elsewhere' });
    await stops().set({ ...STOP, until: '2026-01-02T00:00:00.000Z' });
    const handle = await started(bench(), []);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.gates, undefined);
  });

  it('rolls back all the same', async () => {
    await stops().set(STOP);
    const back = await bench().start(input(spec(bench().service), { kind: 'rollback', to: 1, live: 2, warm: [1] }));
    const { status } = await back.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.gates, undefined);
  });

  it('passes it by break-glass', async () => {
    await stops().set(STOP);
    const handle = await started(bench(), []);
    await waiting(bench(), handle);
    await act(bench(), handle, 'promote', { actor: 'bob', reason: 'the fix', breakGlass: true });
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.match(status.gates?.[0]?.because ?? '', /break-glass by bob: the fix/);
  });
});
