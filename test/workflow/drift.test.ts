import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { driftIds } from '../../src/domain/drift/ids.ts';
import type { DriftFinding } from '../../src/domain/drift/finding.ts';
import { EngineError, StackBusyError } from '../../src/stacks/driver.ts';
import { rolloutStatusQuery } from '../../src/workflows/shared/messages.ts';
import { act } from './act.ts';
import { answering, passing, permanent } from './faults.ts';
import { type SpecOptions, input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const GONE: DriftFinding = { urn: 'urn:p1', type: 'p:index:T', name: 'p1', kind: 'gone', properties: [], mark: '' };

/** Looks as the schedule starts them, in an environment of their own. */
describe('a look at all stacks', () => {
  const bench = benchForEach();

  async function stand(revisions: { live: number; warm?: number[] }, options: SpecOptions = {}): Promise<void> {
    await bench().prepare(input(spec(bench().service, options), { to: 99, ...revisions }));
  }

  async function look(scope?: object): Promise<unknown> {
    const { env, taskQueue, service } = bench();
    const workflowId = scope ? driftIds.check(service, 'r-1') : `${driftIds.look}-${service.environment}`;
    const handle = await env.client.workflow.start('drift', { workflowId, taskQueue, args: scope ? [scope] : [] });
    return handle.result();
  }

  const events = async (): Promise<string[]> => {
    const all = await bench().activities.store.audit.list();
    return all.flatMap(({ type, subject, reason = '' }) =>
      type.startsWith('drift.') ? [`${type} of ${subject}: ${reason}`] : [],
    );
  };

  it('notes what is found of live and warm revisions, and tells only what differs from the look before', async () => {
    const { activities, service } = bench();
    await stand({ live: 3, warm: [2, 1] });
    activities.stacks.drift.set(2, [GONE]);
    assert.equal(await look(), '3 stacks, 1 not as they were made, 0 that could not be looked at');
    const records = await activities.store.drift.list();
    assert.deepEqual(
      records.map(({ revision, findings }) => [revision, findings.length]),
      [
        [1, 0],
        [2, 1],
        [3, 0],
      ],
    );
    const id = `web/${service.environment}`;
    const found = `drift.found of ${id}: p1 (p:index:T) is gone`;
    assert.deepEqual(await events(), [found]);
    await look({ service });
    assert.deepEqual(await events(), [found]);
    activities.stacks.drift.set(2, [GONE, { ...GONE, urn: 'urn:p2', name: 'p2' }]);
    await look();
    activities.stacks.drift.clear();
    await look();
    assert.deepEqual(await events(), [
      found,
      `drift.changed of ${id}: p1 (p:index:T) is gone; p2 (p:index:T) is gone`,
      `drift.gone of ${id}: everything is as it was made`,
    ]);
  });

  it('takes a stack that cannot be looked at for unknown, and goes on with the next', async () => {
    const { activities } = bench();
    await stand({ live: 2, warm: [1] });
    activities.stacks.drift.set(1, new StackBusyError('web-r1 is busy: pulumi destroy'));
    activities.stacks.drift.set(2, [GONE]);
    assert.equal(await look(), '2 stacks, 1 not as they were made, 1 that could not be looked at');
    const [busy, drifted] = await activities.store.drift.list();
    assert.equal(busy?.trouble?.because, 'web-r1 is busy: pulumi destroy');
    assert.equal(busy.lookedAt, undefined);
    assert.equal(drifted?.findings.length, 1);
    assert.equal((await events()).length, 1);
  });

  it('says why, too, where a look did not come to an end of its own', async () => {
    const { activities } = bench();
    await stand({ live: 1 });
    activities.on('lookForDrift', permanent('NotRecorded', 'r1 of web is not recorded'));
    await look();
    assert.equal((await activities.store.drift.list())[0]?.trouble?.because, 'r1 of web is not recorded');
  });

  it('looks again where somebody waits for it', async () => {
    const { activities, service } = bench();
    await stand({ live: 1 });
    activities.on('lookForDrift', passing(), { times: 2 });
    assert.equal(await look({ service }), '1 stack, 0 not as they were made, 0 that could not be looked at');
    assert.equal(activities.called('lookForDrift'), 3);
  });

  it('goes on in new runs, page by page, and leaves nothing out', async () => {
    const { activities, service } = bench();
    await stand({ live: 1 });
    const targets = [{ service, revision: 1 }];
    for (let page = 1; page <= 25; page += 1) {
      activities.on('listDriftTargets', answering({ targets, ...(page < 25 ? { next: `page ${page}` } : {}) }));
    }
    activities.on('lookForDrift', answering({ state: 'none' }), { times: 25 });
    assert.equal(await look(), '25 stacks, 0 not as they were made, 0 that could not be looked at');
    const asked = activities.calls.filter(({ name }) => name === 'listDriftTargets');
    assert.deepEqual(
      asked.map(({ task }) => (task as { after: string }).after),
      ['', ...Array.from({ length: 24 }, (_, page) => `page ${page + 1}`)],
    );
  });

  it('forgets what was found of a stack that is gone', async () => {
    const { activities, service } = bench();
    await stand({ live: 1 });
    await activities.store.drift.save({ service, revision: 7, version: 1, findings: [GONE] });
    await look();
    assert.deepEqual(
      (await activities.store.drift.list()).map(({ revision }) => revision),
      [1],
    );
  });

  it('is refused to anyone else', async () => {
    const { env, taskQueue, service } = bench();
    const start = { workflowId: `x-${service.environment}`, taskQueue, args: [] };
    const handle = await env.client.workflow.start('drift', start);
    assert.deepEqual(await handle.result(), {
      refused: 'looks for drift are started by their schedule, or by a gateway',
    });
  });
});

describe('a rollout of a service whose drift blocks', () => {
  const bench = benchForEach();

  async function rollOut(what: Parameters<typeof input>[1], options: SpecOptions = { drift: 'block' }) {
    const handle = await bench().start(input(spec(bench().service, options), what));
    return (await handle.result()).status;
  }

  const looks = (): number[] =>
    bench().activities.calls.flatMap(({ name, task }) =>
      name === 'lookForDrift' ? [(task as { revision: number }).revision] : [],
    );

  it('looks at what a deployment would go back to, once, before traffic moves', async () => {
    const { activities } = bench();
    const status = await rollOut({ to: 3, live: 2, warm: [1] });
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(looks(), [2]);
    const { steps } = activities;
    assert.ok(steps.indexOf('lookForDrift') > steps.indexOf('provision'));
    assert.ok(steps.indexOf('lookForDrift') < steps.indexOf('shift'));
    assert.match(status.phases.find(({ phase }) => phase === 'validate')?.note ?? '', /; r2 is as it was made$/);
  });

  it('ends over drift that nobody has acknowledged, names it, and says what to type', async () => {
    const { activities, service } = bench();
    activities.stacks.drift.set(2, [GONE]);
    const status = await rollOut({ to: 3, live: 2 });
    assert.equal(status.outcome, 'failed');
    assert.equal(
      status.because,
      `r2 is not as it was made: p1 (p:index:T) is gone. Make it as it was, or say why it may stay: supplant drift acknowledge web/${service.environment} r2 --reason TEXT`,
    );
    assert.equal(status.phases.find(({ state }) => state === 'failed')?.phase, 'validate');
    assert.deepEqual(activities.router.weights, { r2: 100 });
    assert.deepEqual(activities.stacks.names, ['r2']);
    assert.equal((await activities.store.drift.list())[0]?.findings.length, 1);
  });

  it('goes on over drift that somebody has acknowledged', async () => {
    const { activities, service } = bench();
    activities.stacks.drift.set(2, [GONE]);
    const by = { by: 'ada', at: '2026-01-01T00:00:00.000Z', reason: 'known', requestId: 'r' };
    const acknowledged = { ...by, covers: ['gone urn:p1'] };
    await activities.store.drift.save({ service, revision: 2, version: 1, findings: [GONE], acknowledged });
    const status = await rollOut({ to: 3, live: 2 });
    assert.equal(status.outcome, 'succeeded');
    assert.match(
      status.phases.find(({ phase }) => phase === 'validate')?.note ?? '',
      /; r2 has drifted, which is acknowledged$/,
    );
  });

  it('ends where the stack cannot be looked at, after some attempts', async () => {
    const { activities } = bench();
    activities.stacks.drift.set(2, new EngineError('the host is away'));
    const status = await rollOut({ to: 3, live: 2 });
    assert.equal(status.outcome, 'failed');
    assert.equal(
      status.because,
      'r2 could not be looked at, because the host is away; with drift: block, nothing is shifted without a look',
    );
    assert.equal(looks().length, 5);
  });

  it('looks at the warm revision that it goes back to, and not at what it leaves', async () => {
    const { activities } = bench();
    activities.stacks.drift.set(2, [GONE]);
    const status = await rollOut({ kind: 'rollback', to: 1, live: 2, warm: [1] });
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(looks(), [1]);
  });

  it('does not go back to a warm revision that has drifted, which stays warm', async () => {
    const { activities } = bench();
    activities.stacks.drift.set(1, [GONE]);
    const status = await rollOut({ kind: 'rollback', to: 1, live: 2, warm: [1] });
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /^r1 is not as it was made: /);
    assert.deepEqual(activities.router.weights, { r1: 0, r2: 100 });
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
  });

  it('looks at nothing where nothing is live before it', async () => {
    assert.equal((await rollOut({ to: 1 })).outcome, 'succeeded');
    assert.deepEqual(looks(), []);
  });

  for (const [name, what, options] of [
    ['makes again what it goes back to', { kind: 'rollback', to: 1, live: 2 }, { drift: 'block' }],
    ['is only told of drift', { to: 3, live: 2, warm: [1] }, {}],
    ['is only told of drift, going back', { kind: 'rollback', to: 1, live: 2, warm: [1] }, { drift: 'report' }],
  ] as const) {
    it(`looks at nothing where it ${name}`, async () => {
      const { activities } = bench();
      activities.stacks.drift.set(1, [GONE]);
      activities.stacks.drift.set(2, [GONE]);
      assert.equal((await rollOut(what, options)).outcome, 'succeeded');
      assert.deepEqual(looks(), []);
    });
  }

  it('says that it waits for a look, which an abort calls off', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('lookForDrift');
    const handle = await bench().start(input(spec(service, { drift: 'block' }), { to: 3, live: 2 }));
    await hold.reached;
    const { wait } = await handle.query(rolloutStatusQuery);
    assert.equal(wait?.on, 'a look whether r2 is as it was made');
    assert.equal(wait.endedBy, 'the look, or an abort');
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, hold.cancelled, status.wait], ['aborted', true, undefined]);
    assert.deepEqual(await activities.store.drift.list(), []);
  });
});
