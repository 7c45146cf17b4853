import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import type { ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import type { RequestMeta } from '../../../src/domain/service/requests.ts';
import { revision, spec as serviceSpec } from '../../workflow/samples.ts';
import { by, experimentBenchForEach, hourly, onDemand } from './experiment-bench.ts';

const HOUR_MS = 3_600_000;

describe('changes of experiments', () => {
  const bench = experimentBenchForEach({ longestTtlMs: 4 * HOUR_MS });

  /** A dry run writes nothing and is answered as the change, which a repeat is, too. Returns the answer. */
  async function changes(
    { experiment }: ExperimentSpec,
    ask: (change: RequestMeta) => Promise<string | { effect: string }>,
  ): Promise<string> {
    const text = async (change: RequestMeta) => {
      const answer = await ask(change);
      return typeof answer === 'string' ? answer : answer.effect;
    };
    const record = async () => {
      const { experiments, runs } = bench().store.experiments;
      return JSON.stringify([
        await experiments.find(experiment),
        await runs.list(experiment),
        await bench().audited(experiment),
      ]);
    };
    const before = await record();
    const dry = await text(by({ dryRun: true }));
    assert.equal(await record(), before, 'a dry run has written something');
    const change = by();
    const answer = await text(change);
    assert.equal(answer, dry);
    const after = await record();
    assert.notEqual(after, before);
    assert.equal(await text(change), answer);
    assert.equal(await text({ ...change, dryRun: true }), answer);
    assert.equal(await record(), after, 'a repeat has written something');
    return answer;
  }

  it('apply a description, with its schedule', async () => {
    const { experiments } = bench();
    const spec = hourly();
    const answer = await changes(spec, (change) => experiments.apply(spec, change));
    assert.match(answer, /is created: it runs by itself at every 1h, a run of 2 stacks, .* after 1h at the latest$/);
    assert.equal((await bench().schedule(spec))?.state.note, 'version 1');
    assert.deepEqual(await bench().audited(spec.experiment), ['experiment.applied']);
    const other = { ...spec, ttlMs: 2 * HOUR_MS };
    assert.match(await changes(spec, (change) => experiments.apply(other, change)), /is changed: /);
    assert.equal((await bench().schedule(spec))?.state.note, 'version 2');
    assert.match(await experiments.apply(other, by()), /as described already: nothing changes$/);
    assert.deepEqual((await experiments.view(spec.experiment)).spec, other);
  });

  it('take the schedule away where a description has none any more', async () => {
    const { experiments } = bench();
    const spec = hourly();
    await experiments.apply(spec, by());
    assert.ok(await bench().schedule(spec));
    const { schedule: _, ...rest } = spec;
    assert.match(await experiments.apply(rest, by()), /it runs when somebody asks for it$/);
    assert.equal(await bench().schedule(spec), undefined);
  });

  it('apply schedules that Temporal takes as they are', async () => {
    const { experiments } = bench();
    const spec = hourly({
      schedule: {
        cron: ['*/15 8-18 1,15 jan-jun MON-FRI', '0 0 * * 7', '5 4 * * sun', '0-30/10 */2 * 2-12/2 *'],
        calendar: [
          { hour: [2], dayOfWeek: [0, 6], month: [1, 12] },
          { minute: [59], dayOfMonth: [31] },
        ],
        every: { everyMs: 90_000, offsetMs: 89_000 },
        ...{ timeZone: 'America/Argentina/Buenos_Aires', jitterMs: 1_500, startAt: '2026-01-01T00:00:00Z' },
      },
    });
    assert.doesNotMatch(await experiments.apply(spec, by()), /not followed/);
    const { nextRuns, warnings } = await experiments.view(spec.experiment);
    assert.deepEqual(warnings, []);
    assert.equal(nextRuns.length, 5);
  });

  it('refuse a description that could never run, with all that is wrong', async () => {
    const { experiments, store } = bench();
    const web = serviceSpec({ name: 'web', environment: 'production' });
    await store.catalogue.saveService(web, 1);
    const variant = (name: string, service: string, revision?: number) => ({
      name,
      source: {
        ...{ kind: 'like' as const, service: { name: service, environment: 'production' } },
        ...(revision === undefined ? {} : { revision }),
      },
    });
    const variants = [variant('blue', 'web'), variant('green', 'wbe'), variant('old', 'web', 9)];
    const spec = hourly({ variants, ttlMs: 5 * HOUR_MS });
    for (const dryRun of [true, false]) {
      const error = await experiments.apply(spec, by({ dryRun })).catch((failure: unknown) => failure);
      assert.ok(error instanceof ApiError);
      assert.equal(error.reason, 'INVALID');
      assert.deepEqual(
        error.faults.map(({ path }) => path),
        ['ttl', 'variants[1].like', 'variants[2].like'],
      );
      assert.match(error.faults[0]?.message ?? '', /at most 4h, found 5h/);
      assert.match(error.faults[1]?.message ?? '', /wbe\/production/);
      assert.match(error.faults[2]?.message ?? '', /that web\/production has had, found r9/);
      assert.deepEqual(error.services, [web.service]);
    }
    assert.deepEqual(await bench().audited(spec.experiment), []);
  });

  it('begin a run', async () => {
    const { experiments } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    const answer = await changes(spec, (change) => experiments.run(experiment, change));
    assert.equal(answer, 'a run of 2 stacks, which are gone after 1h at the latest, begins');
    const second = by({ reason: 'look' });
    const begun = await experiments.run(experiment, second);
    assert.equal(begun.run, 2);
    assert.match(begun.effect, /; \S+@1 goes on: unless that is over when it begins, it is skipped$/);
    assert.equal((await experiments.run(experiment, second)).run, 2);
    assert.deepEqual(await bench().audited(experiment), ['experiment.applied', 'run.requested', 'run.requested']);
    const [event] = await bench().store.audit.list({ rollout: `${experiment.name}/production@2` });
    assert.equal(event?.reason, 'look');
    const described = await (await bench().workflowOf({ experiment, run: 1 })).describe();
    assert.equal(described.type, 'experiment');
    assert.equal(described.status.name, 'RUNNING');
  });

  it('begin none that the budget can never allow', async () => {
    const { experiments, store } = bench();
    const spec = onDemand({ budget: { stacks: 1 } });
    await store.experiments.experiments.save(spec);
    await assert.rejects(experiments.run(spec.experiment, by()), (error: ApiError) => {
      assert.equal(error.reason, 'REFUSED');
      assert.match(error.message, /never allows a run: budget\.stacks: expected 2 at least, .*found 1/);
      return true;
    });
    assert.deepEqual(await store.experiments.runs.list(spec.experiment), []);
  });

  it('refuse a drill of a service that is not there, or has nothing to go back to', async () => {
    const { experiments, store } = bench();
    const service = { name: 'drilled', environment: 'production' };
    const { compare: _compare, ...described } = onDemand();
    const spec = { ...described, variants: [], drill: { service } };
    await assert.rejects(experiments.apply(spec, by()), (error: ApiError) => {
      assert.deepEqual(
        error.faults.map(({ path }) => path),
        ['drill.service'],
      );
      return true;
    });
    const web = serviceSpec(service);
    await store.catalogue.saveService(web, 1);
    await experiments.apply(spec, by());
    await assert.rejects(experiments.run(spec.experiment, by()), /REFUSED|has no live revision/);
    const since = '2026-01-01T00:00:00.000Z';
    await store.catalogue.saveRevision({ ...revision(web, 1), state: 'live', since, endpoints: [] }, 1);
    await assert.rejects(experiments.run(spec.experiment, by()), /has no revision before r1 to go back to/);
    const candidate = { ...spec, drill: { service, release: { artifact: 'npm:http-server@2.0.0' } } };
    await experiments.apply(candidate, by());
    assert.equal(
      (await experiments.run(spec.experiment, by({ dryRun: true }))).effect,
      'a drill of the rollback of drilled/production from npm:http-server@2.0.0 to what is live: 3 stacks one after the other, which are gone after 1h at the latest, begins',
    );
  });

  it('pause and resume', async () => {
    const { experiments } = bench();
    const spec = hourly();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    const pause = await changes(spec, (change) => experiments.pause(experiment, { ...change, reason: 'quiet' }));
    assert.match(pause, /does not run by itself until it is resumed$/);
    const paused = await bench().schedule(spec);
    assert.equal(paused?.state.paused, true);
    assert.match(paused.state.note ?? '', /^version 2; paused by ada at .*: quiet$/);
    assert.deepEqual((await experiments.view(experiment)).nextRuns, []);
    assert.match(await experiments.pause(experiment, by({ actor: 'bob' })), /is paused already: ada has asked/);
    const resume = await changes(spec, (change) => experiments.resume(experiment, change));
    assert.match(resume, /is not paused any more: it runs by itself at every 1h/);
    assert.equal((await bench().schedule(spec))?.state.paused, false);
    assert.equal((await experiments.view(experiment)).nextRuns.length, 5);
    assert.match(await experiments.resume(experiment, by()), /is not paused/);
    assert.deepEqual(await bench().audited(experiment), [
      'experiment.applied',
      'experiment.paused',
      'experiment.resumed',
    ]);
  });

  it('pause nothing that does not run by itself', async () => {
    const { experiments } = bench();
    const spec = onDemand();
    await experiments.apply(spec, by());
    await assert.rejects(experiments.pause(spec.experiment, by()), { reason: 'REFUSED' });
  });

  it('stop a run', async () => {
    const { experiments } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    await experiments.run(experiment, by());
    const answer = await changes(spec, (change) => experiments.stop({ experiment, run: 1 }, change));
    assert.match(answer, /@1 ends, and its stacks are destroyed now$/);
    await bench().holds('the run is told', async () => (await bench().told({ experiment, run: 1 })) === 1);
    const record = await bench().store.experiments.runs.find({ experiment, run: 1 });
    assert.deepEqual(record?.stop, { by: 'ada', outcome: 'stopped' });
    assert.match(await experiments.stop({ experiment }, by()), /ends already: ada has asked/);
    await bench().end({ experiment, run: 1 });
    await assert.rejects(experiments.stop({ experiment, run: 1 }, by()), { reason: 'REFUSED', message: /is over/ });
  });

  it('stop and extend the run that goes on, though a later one was skipped for it', async () => {
    const { experiments } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    await experiments.run(experiment, by());
    await experiments.run(experiment, by());
    await bench().end({ experiment, run: 2 }, 'skipped');
    assert.match(await experiments.extend({ experiment }, 60_000, by()), /@1 may last 1m longer/);
    assert.match(await experiments.stop({ experiment }, by()), /@1 ends/);
  });

  it('extend a run within the maximum', async () => {
    const { experiments, store } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    await experiments.run(experiment, by());
    const ref = { experiment, run: 1 };
    const start = (await store.experiments.runs.find(ref))!.status;
    const deadline = (hours: number) => new Date(Date.parse(start.startedAt) + hours * HOUR_MS).toISOString();
    await store.experiments.leases.take([
      {
        ...{ project: 'production', stack: 'a', run: ref, variant: 'blue', workflowId: 'w', firstRunId: 'f' },
        ...{ artifact: 'v1', blueprint: { name: 'b', digest: 'd', config: {} } },
        ...{ takenAt: start.startedAt, deadlineAt: start.deadlineAt },
      },
    ]);
    const answer = await changes(spec, (change) => experiments.extend(ref, 2 * HOUR_MS, change));
    assert.match(answer, /@1 may last 2h longer: its stacks are gone at .* at the latest$/);
    assert.equal((await store.experiments.runs.find(ref))?.status.deadlineAt, deadline(3));
    assert.equal((await store.experiments.leases.list(ref))[0]?.deadlineAt, deadline(3));
    await bench().holds('the run is told', async () => (await bench().told(ref)) === 1);
    await assert.rejects(experiments.extend(ref, 2 * HOUR_MS, by()), {
      reason: 'REFUSED',
      message: /would last 5h from its start; at most 4h is allowed here/,
      suggestion: '1h more is possible',
    });
    await assert.rejects(experiments.extend(ref, 0, by()), { reason: 'INVALID' });
  });

  it('extend a run once, though the gateway died before it had recorded its answer', async () => {
    const { experiments, store } = bench();
    const spec = onDemand();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    await experiments.run(experiment, by());
    const { changes } = store.experiments;
    const remember = changes.remember.bind(changes);
    changes.remember = () => Promise.reject(new Error('died'));
    const change = by();
    await assert.rejects(experiments.extend({ experiment }, HOUR_MS, change), { message: 'died' });
    changes.remember = remember;
    const { deadlineAt } = (await store.experiments.runs.find({ experiment, run: 1 }))!.status;
    const answer = await experiments.extend({ experiment }, HOUR_MS, change);
    assert.ok(answer.includes(deadlineAt), answer);
    assert.equal((await store.experiments.runs.find({ experiment, run: 1 }))?.status.deadlineAt, deadlineAt);
  });

  it('delete an experiment, with its schedule and what goes on', async () => {
    const { experiments } = bench();
    const spec = hourly();
    const { experiment } = spec;
    await experiments.apply(spec, by());
    await experiments.run(experiment, by());
    const answer = await changes(spec, (change) => experiments.delete(experiment, change));
    assert.match(answer, /does not run any more, and its results stay .*; \S+@1 is stopped$/);
    assert.equal(await bench().schedule(spec), undefined);
    assert.equal((await bench().store.experiments.runs.find({ experiment, run: 1 }))?.stop?.by, 'ada');
    await bench().holds('the run is told', async () => (await bench().told({ experiment, run: 1 })) === 1);
    assert.deepEqual((await bench().audited(experiment)).slice(2), ['experiment.deleted', 'run.stop-requested']);
    await assert.rejects(experiments.view(experiment), { reason: 'NOT_FOUND', message: /was deleted at/ });
    assert.equal((await experiments.viewRun({ experiment, run: 1 })).status.run, 1);
    assert.match(await experiments.apply(spec, by()), /is created/);
    assert.match((await bench().schedule(spec))?.state.note ?? '', /^version 3$/);
    assert.equal((await experiments.run(experiment, by())).run, 2);
  });

  it('refuse a request id that was used for something else', async () => {
    const { experiments } = bench();
    const spec = hourly();
    const { experiment } = spec;
    const change = by();
    await experiments.apply(spec, change);
    const conflict = { reason: 'CONFLICT' };
    await assert.rejects(experiments.apply({ ...spec, ttlMs: HOUR_MS / 2 }, change), conflict);
    await assert.rejects(experiments.pause(experiment, change), conflict);
    await assert.rejects(experiments.pause(experiment, { ...change, dryRun: true }), conflict);
    const { run } = await experiments.run(experiment, by());
    const extension = by();
    await experiments.extend({ experiment, run: run! }, 1000, extension);
    await assert.rejects(experiments.extend({ experiment, run: run! }, 2000, extension), conflict);
  });

  it('name what there is instead of what is not', async () => {
    const { experiments } = bench();
    const spec = hourly();
    await experiments.apply(spec, by());
    const experiment = { name: 'nobody', environment: 'production' };
    for (const ask of [
      () => experiments.view(experiment),
      () => experiments.listRuns(experiment),
      () => experiments.viewRun({ experiment }),
      () => experiments.viewRun({ experiment, run: 1 }),
      () => experiments.run(experiment, by()),
      () => experiments.pause(experiment, by()),
      () => experiments.stop({ experiment }, by()),
      () => experiments.delete(experiment, by()),
    ]) {
      await assert.rejects(ask(), (error: ApiError) => {
        assert.equal(error.reason, 'NOT_FOUND');
        assert.deepEqual(error.services, [spec.experiment]);
        return true;
      });
    }
    await assert.rejects(experiments.viewRun(spec), { reason: 'NOT_FOUND', message: /has had no run yet/ });
    await assert.rejects(experiments.viewRun({ ...spec, run: 7 }), {
      reason: 'NOT_FOUND',
      message: /has had none yet/,
    });
  });
});
