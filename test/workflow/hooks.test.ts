import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { act, supersede } from './act.ts';
import { input, spec, type SpecOptions } from './samples.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach, hookServerForEach } from './suite.ts';

describe('hooks of a rollout', () => {
  const bench = benchForEach();
  const hooks = hookServerForEach();

  const deploy = (options: SpecOptions) => bench().start(input(spec(bench().service, options), { to: 2, live: 1 }));
  const audit = async (type: string) => {
    const events = await bench().activities.store.audit.list({});
    return events.filter((event) => event.type === type);
  };

  it('are called before and after each phase, signed, each with an id of its own', async () => {
    const all = [
      hooks().hook('planned', { moment: 'after', phase: 'plan' }),
      hooks().hook('make', { moment: 'before', phase: 'provision' }),
      hooks().hook('smoke', { moment: 'before', phase: 'shift' }),
      hooks().hook('moved', { moment: 'after', phase: 'shift' }),
      hooks().hook('last', { moment: 'before', phase: 'settle' }),
      hooks().hook('live', { moment: 'after', phase: 'settle', onFailure: 'ignore' }),
    ];
    const { status } = await (await deploy({ hooks: all })).result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(hooks().heard, ['planned', 'make', 'smoke', 'moved', 'last', 'live']);
    assert.equal(new Set(hooks().calls.map(({ id }) => id)).size, 6);
    const { id, body } = hooks().calls[2]!;
    const { environment } = bench().service;
    assert.equal(id, `web/${environment}:50:before-shift:smoke`);
    assert.equal(body.type, 'rollout.before-shift');
    assert.deepEqual(body.data, {
      ...{ hook: 'smoke', when: 'before', phase: 'shift', attempt: 1, service: 'web', environment },
      ...{ rollout: 50, kind: 'deploy', revision: 'r2', artifact: 'npm:http-server@1.0.0-2', previous: 'r1' },
      endpoints: body.data.endpoints,
      verdicts: [{ check: 'home', verdict: 'pass' }],
    });
    assert.match(String((body.data.endpoints as string[])[0]), /^http:/);
    assert.deepEqual(
      status.hooks?.map(({ name, status: said, isTold = false }) => [name, said, isTold]),
      all.map(({ name }) => [name, 'succeeded', name === 'live']),
    );
    assert.deepEqual(
      (await audit('hook.answered')).map(({ data }) => [data.hook, data.at, data.status]),
      all.map(({ name, moment, phase }) => [name, `${moment} ${phase}`, 'succeeded']),
    );
    assert.equal((await audit('hook.called')).length, 6);
  });

  it('that are in progress are asked again under the same id, while the rollout waits', async () => {
    hooks().answers(
      'smoke',
      { status: 'in-progress', reason: '1 of 2 suites' },
      { status: 'succeeded', reason: 'all' },
    );
    const handle = await deploy({ hooks: [hooks().hook('smoke', { moment: 'before', phase: 'shift' })] });
    const waiting = await bench().until(handle, ({ wait }) => wait?.on.includes('in progress') ?? false);
    assert.equal(waiting.wait?.on, 'hook smoke, before shift; it is in progress: 1 of 2 suites');
    assert.ok(waiting.wait.until !== undefined && waiting.wait.endedBy === 'its answer, or abort');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(new Set(hooks().calls.map(({ id }) => id)).size, 1);
    assert.deepEqual(
      hooks().calls.map(({ body }) => body.data.attempt),
      [1, 2],
    );
    assert.deepEqual([status.hooks?.[0]?.calls, status.hooks?.[0]?.reason], [2, 'all']);
  });

  it('that fail put the rollout back, in their words', async () => {
    hooks().answers('smoke', { status: 'failed', reason: 'the cart is empty' });
    const handle = await deploy({ hooks: [hooks().hook('smoke', { moment: 'after', phase: 'shift' })] });
    const { status, revisionSet } = await handle.result();
    assert.deepEqual([status.outcome, revisionSet.live?.revision.number], ['rolled-back', 1]);
    assert.equal(status.because, 'hook smoke, after shift, failed: the cart is empty');
    assert.equal(bench().activities.router.weights.r1, 100);
  });

  it('that fail are passed over where that is ignored', async () => {
    hooks().answers('smoke', { status: 'failed', reason: 'the cart is empty' });
    const hook = hooks().hook('smoke', { moment: 'before', phase: 'provision', onFailure: 'ignore' });
    const { status } = await (await deploy({ hooks: [hook] })).result();
    assert.deepEqual([status.outcome, status.hooks?.[0]?.isIgnored], ['succeeded', true]);
    assert.equal((await audit('hook.answered'))[0]?.reason, 'the cart is empty');
  });

  it('are tried again where nobody answers, and have failed once their time is over', async () => {
    hooks().answers('late', 503, 'silence', { status: 'succeeded' });
    hooks().answers('never', { status: 'in-progress' });
    const late = hooks().hook('late', { moment: 'before', phase: 'provision', timeoutMs: 200 });
    const never = hooks().hook('never', { moment: 'before', phase: 'shift', waitForMs: 700 });
    const { status } = await (await deploy({ hooks: [late, never] })).result();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.because, 'hook never, before shift, failed: it was still in progress after 700ms');
    assert.deepEqual([status.hooks?.[0]?.status, status.hooks?.[0]?.calls], ['succeeded', 3]);
    assert.ok(hooks().heard.filter((name) => name === 'never').length >= 2);
  });

  it('that answer with something else than a status have failed', async () => {
    hooks().answers('odd', { ok: true });
    const { status } = await (
      await deploy({ hooks: [hooks().hook('odd', { moment: 'before', phase: 'shift' })] })
    ).result();
    assert.match(
      status.because ?? '',
      /^hook odd, before shift, failed: it answered 200: \{"ok":true\}, where .* expected$/,
    );
  });

  it('hold no rollout that is aborted', async () => {
    hooks().answers('slow', { status: 'in-progress' });
    const options = { hooks: [hooks().hook('slow', { moment: 'after', phase: 'shift', waitForMs: 3_600_000 })] };
    const handle = await deploy(options);
    await bench().until(handle, ({ wait }) => wait?.on.includes('in progress') ?? false);
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.because], ['aborted', 'aborted by bob']);
    assert.equal(bench().activities.router.weights.r1, 100);
  });

  it('hold no rollout that is superseded', async () => {
    hooks().answers('slow', 'silence');
    const options = { hooks: [hooks().hook('slow', { moment: 'before', phase: 'shift', waitForMs: 3_600_000 })] };
    const handle = await deploy(options);
    await bench().visible(async () => Promise.resolve(hooks().calls.length > 0));
    await supersede(bench(), handle);
    assert.match((await handle.result()).status.because ?? '', /superseded|rollout 51/);
  });

  it('let a pause count before what follows', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    hooks().answers('smoke', async () => {
      await released;
      return { status: 'succeeded' };
    });
    const handle = await deploy({ hooks: [hooks().hook('smoke', { moment: 'before', phase: 'shift' })] });
    await bench().visible(async () => Promise.resolve(hooks().calls.length > 0));
    await act(bench(), handle, 'pause');
    release();
    const held = await bench().until(handle, ({ wait }) => wait?.on.startsWith('resume') ?? false);
    assert.deepEqual([held.wait?.on, held.phase], ['resume; paused before shift', 'validate']);
    await act(bench(), handle, 'resume');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('go on where their worker is restarted, under the same id', async () => {
    hooks().answers('smoke', 'silence', { status: 'succeeded' });
    const handle = await deploy({ hooks: [hooks().hook('smoke', { moment: 'before', phase: 'shift' })] });
    await bench().visible(async () => Promise.resolve(hooks().calls.length > 0));
    await bench().restart();
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual([hooks().calls.length > 1, new Set(hooks().calls.map(({ id }) => id)).size], [true, 1]);
  });

  it('are told beside a rollback that has some, and never hold it', async () => {
    hooks().answers('gone-back', 'silence');
    hooks().answers('mine', { status: 'failed', reason: 'no' });
    const options: SpecOptions = {
      hooks: [
        hooks().hook('gone-back', { moment: 'before', phase: 'shift', kinds: ['rollback'] }),
        hooks().hook('mine', { moment: 'after', phase: 'shift', kinds: ['deploy', 'rollback'] }),
        hooks().hook('deploys', { moment: 'after', phase: 'shift', onFailure: 'ignore' }),
      ],
    };
    const sample = input(spec(bench().service, options), { kind: 'rollback', to: 1, live: 2, warm: [1] });
    const handle = await bench().start(sample);
    // Traffic is back before anybody has answered.
    await bench().until(handle, ({ phase }) => phase === 'settle' || phase === 'teardown');
    assert.equal(bench().activities.router.weights.r1, 100);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(hooks().heard.toSorted(), ['gone-back', 'mine']);
    assert.deepEqual(
      status.hooks?.map(({ name, status: said, isTold }) => [name, said, isTold]),
      [
        ['gone-back', 'unanswered', true],
        ['mine', 'failed', true],
      ],
    );
  });

  it('are those that the service had when the rollout was asked for', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const receipt = await desk.apply('v2', { hooks: [hooks().hook('one', { moment: 'before', phase: 'shift' })] });
    await desk.over(receipt);
    const other = [hooks().hook('two', { moment: 'before', phase: 'shift', kinds: ['deploy', 'rollback'] })];
    const changed = await desk.apply('v2', { hooks: other });
    assert.match(JSON.stringify(changed.settings), /"setting":"hooks","from":"1 \(\w{8}\)","to":"1 \(\w{8}\)"/);
    await desk.over(await desk.rollback());
    assert.deepEqual(hooks().heard, ['one', 'two']);
  });

  it('are called in each step of a plan, under an id for each', async () => {
    const described = spec(bench().service, { hooks: [hooks().hook('step', { moment: 'before', phase: 'shift' })] });
    const plan = [25, 100].map((weight) => ({ weight, bakeMs: 0 }));
    const { status } = await (await bench().start(input(described, { to: 2, live: 1, plan }))).result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(
      hooks().calls.map(({ body }) => body.data.step),
      [
        { number: 1, of: 2, weight: 25 },
        { number: 2, of: 2, weight: 100 },
      ],
    );
    assert.equal(new Set(hooks().calls.map(({ id }) => id)).size, 2);
  });
});
