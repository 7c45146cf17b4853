import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import type { RunVariant } from '../../../src/domain/experiment/run.ts';
import { type PreviewRequest, locatePreview } from '../../../src/domain/preview/preview.ts';
import type { RequestMeta } from '../../../src/domain/service/requests.ts';
import { revision, spec as serviceSpec } from '../../workflow/samples.ts';
import { by, experimentBenchForEach, onDemand } from './experiment-bench.ts';

const HOUR_MS = 3_600_000;
const PORTS = { first: 18_100, last: 18_102 };
const service = { name: 'web', environment: 'production' };

describe('changes of previews', () => {
  const bench = experimentBenchForEach({ longestTtlMs: 24 * HOUR_MS, previewPorts: PORTS });

  /** The service, with a revision that is live. */
  async function live(number = 1): Promise<void> {
    const { catalogue } = bench().store;
    const spec = serviceSpec(service);
    const since = new Date().toISOString();
    await catalogue.saveService(spec, number);
    for (let each = 1; each <= number; each += 1) {
      const state = each === number ? 'live' : 'warm';
      await catalogue.saveRevision({ ...revision(spec, each), state, since, endpoints: [] }, number);
    }
  }

  function request(over: Partial<PreviewRequest> = {}): PreviewRequest {
    return { service, branch: 'login', artifact: 'npm:web@2.0.0', ...over };
  }

  function open(over: Partial<PreviewRequest> = {}, change: RequestMeta = by()) {
    return bench().previews.open(request(over), change);
  }

  /** Its stack is up, as far as the record goes. */
  async function settle(run: number, over: Partial<PreviewRequest> = {}): Promise<void> {
    const { runs } = bench().store.experiments;
    const record = (await runs.find({ experiment: locatePreview(request(over)), run }))!;
    await runs.save({ ...record.status, phase: 'hold' });
  }

  async function end(run: number, over: Partial<PreviewRequest> = {}): Promise<void> {
    await bench().end({ experiment: locatePreview(request(over)), run });
  }

  async function fails(work: Promise<unknown>): Promise<ApiError> {
    const error = await work.then(
      () => assert.fail('it did not fail'),
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }

  it('open one at a port of its own, on record, with a run that makes it', async () => {
    await live();
    const dry = await open({}, by({ dryRun: true }));
    const change = by();
    const answer = await open({}, change);
    assert.deepEqual(dry, { effect: answer.effect, unchanged: false, port: answer.port });
    assert.match(answer.effect, /^login of web\/production is opened at port 181\d\d: a run of 1 stack, .* after 8h /);
    assert.deepEqual([answer.unchanged, answer.run], [false, 1]);
    assert.deepEqual(await open({}, change), answer);
    assert.deepEqual(await bench().audited(locatePreview(request())), ['preview.opened', 'run.requested']);
    const view = await bench().previews.view(request());
    assert.deepEqual([view.state, view.port, view.artifact], ['opening', answer.port, 'npm:web@2.0.0']);
    assert.deepEqual((await bench().previews.list(service)).length, 1);
    assert.deepEqual(await bench().previews.list({ name: 'api', environment: 'production' }), []);
  });

  it('change nothing where what is up is the same, unless that is asked for', async () => {
    await live();
    const first = await open();
    await settle(1);
    const again = await open();
    assert.deepEqual([again.unchanged, again.run, again.port], [true, 1, first.port]);
    assert.match(again.effect, /nothing changes: web-login\/production@1 is up with that until /);
    const forced = await open({ force: true });
    assert.deepEqual([forced.unchanged, forced.run, forced.port], [false, 2, first.port]);
    assert.match(
      forced.effect,
      /is renewed at .*; web-login\/production@1 goes on until it is healthy and has taken over$/,
    );
  });

  it('renew one with what is new, also where the service is', async () => {
    await live();
    await open();
    assert.deepEqual((await open({ artifact: 'npm:web@2.0.1' })).run, 2);
    const { runs } = bench().store.experiments;
    const record = (await runs.find({ experiment: locatePreview(request()), run: 2 }))!;
    const variant: RunVariant = { name: 'preview', artifact: 'a', blueprint: 'b', endpoints: [], state: 'ready' };
    await runs.save({ ...record.status, phase: 'hold', variants: [{ ...variant, like: { service, revision: 1 } }] });
    assert.equal((await open({ artifact: 'npm:web@2.0.1' })).unchanged, true);
    await live(2);
    assert.equal((await open({ artifact: 'npm:web@2.0.1' })).run, 3);
  });

  it('open one again that was over, at the port that it had', async () => {
    await live();
    const { port } = await open();
    await end(1);
    assert.equal((await bench().previews.view(request())).state, 'down');
    const again = await open();
    assert.deepEqual([again.run, again.port], [2, port]);
    assert.match(again.effect, /is opened again at port/);
  });

  it('give each its own port, those of previews that are over last, and say when there is none', async () => {
    await live();
    const ports = [];
    for (const branch of ['a', 'b', 'c']) ports.push((await open({ branch })).port);
    assert.deepEqual(ports.toSorted(), [18_100, 18_101, 18_102]);
    const none = await fails(open({ branch: 'd' }));
    assert.deepEqual([none.reason, none.message], ['REFUSED', 'all ports for previews, 18100-18102, are taken']);
    await end(1, { branch: 'b' });
    assert.equal((await open({ branch: 'd' })).port, ports[1]);
    // Its own is somebody else's by now.
    assert.equal((await fails(open({ branch: 'b' }))).reason, 'REFUSED');
    await bench().previews.close(request({ branch: 'a' }), by());
    await end(1, { branch: 'a' });
    assert.equal((await open({ branch: 'b' })).port, ports[0]);
  });

  it('refuse a port that somebody has, with who it is', async () => {
    await live();
    const { catalogue } = bench().store;
    await catalogue.saveService(serviceSpec({ ...service, name: 'shop' }, { port: 9000 }), 1);
    const taken = await fails(open({ port: 9000 }));
    assert.deepEqual(taken.faults, [
      {
        path: 'port',
        message: 'expected a port that nobody has, found 9000, which is that of service shop/production',
      },
    ]);
    const experiment = onDemand({ addresses: { blue: 9001 } });
    await bench().experiments.apply(experiment, by());
    assert.match(
      (await fails(open({ port: 9001 }))).message,
      /found 9001, which is that of variant blue of experiment x/,
    );
    await open({ branch: 'other', port: 9002 });
    assert.match((await fails(open({ port: 9002 }))).message, /which is that of the preview other of web\/production/);
    const third = onDemand({ addresses: { blue: 9002 } });
    assert.match((await fails(bench().experiments.apply(third, by()))).message, /^addresses.blue: .*the preview other/);
  });

  it('refuse everything that is wrong at once, in the words of the request', async () => {
    await live();
    const patch = { blueprint: { name: 'other' }, more: 1 };
    const error = await fails(open({ ttlMs: 48 * HOUR_MS, patch }));
    assert.deepEqual(error.faults, [
      { path: 'ttl', message: 'expected at most 24h, found 48h: no run may last longer here' },
      { path: 'patch.more', message: 'it is nothing that can be patched; use artifact or blueprint.config' },
      { path: 'patch.blueprint.name', message: 'it is nothing that can be patched; use blueprint.config' },
    ]);
    const unknown = await fails(open({ service: { name: 'wep', environment: 'production' } }));
    assert.deepEqual(unknown.faults, [
      { path: 'service', message: 'expected a service that is there, found wep/production' },
    ]);
    assert.deepEqual(unknown.services, [service]);
  });

  it('need a service with a live revision', async () => {
    await bench().store.catalogue.saveService(serviceSpec(service), 1);
    const { faults } = await fails(open());
    const message = 'expected one with a live revision, found web/production, which has none: deploy it first';
    assert.deepEqual(faults, [{ path: 'service', message }]);
  });

  it('never take the name of an experiment that is no preview, nor the other way round', async () => {
    await live();
    const experiment = { name: 'web-login', environment: 'production' };
    await bench().experiments.apply(onDemand({ experiment }), by());
    const refused = await fails(open());
    assert.match(refused.message, /^web-login\/production is an experiment already, and no preview/);
    await bench().experiments.delete(experiment, by());
    await open();
    const other = await fails(bench().experiments.apply(onDemand({ experiment }), by()));
    assert.equal(other.message, 'web-login/production is the preview login of web/production');
  });

  it('close one: its runs stop, its name and port are free; closing it again changes nothing', async () => {
    await live();
    const { port } = await open();
    const answer = await bench().previews.close(request(), by());
    assert.match(answer.effect, /^login of web\/production is closed: .*; web-login\/production@1 is stopped$/);
    const record = await bench().store.experiments.runs.find({ experiment: locatePreview(request()), run: 1 });
    assert.deepEqual([record?.stop?.outcome, record?.stop?.reason], ['stopped', 'its preview is closed']);
    const again = await bench().previews.close(request(), by());
    assert.deepEqual([again.unchanged, /was closed at .*: nothing changes$/.test(again.effect)], [true, true]);
    assert.match((await fails(bench().previews.view(request()))).message, /was closed at /);
    assert.deepEqual(await bench().previews.list(), []);
    assert.deepEqual((await open({ branch: 'x', port })).port, port);
    const near = await fails(bench().previews.close(request({ branch: 'y' }), by()));
    assert.deepEqual([near.reason, near.suggestion], ['NOT_FOUND', 'did you mean x?']);
  });

  it('are forgotten by a worker once they are over for long enough, on record', async () => {
    await live();
    await open();
    await open({ branch: 'stays' });
    const { runs } = bench().store.experiments;
    const key = locatePreview(request());
    const record = (await runs.find({ experiment: key, run: 1 }))!;
    const endedAt = new Date(Date.now() - 8 * 24 * HOUR_MS).toISOString();
    await runs.save({ ...record.status, outcome: 'succeeded', endedAt });
    await end(1, { branch: 'stays' });
    using _watch = bench().watch();
    await bench().holds('it is forgotten', async () => (await bench().previews.list()).length === 1);
    assert.deepEqual((await bench().previews.list())[0]?.branch, 'stays');
    assert.equal((await bench().audited(key)).at(-1), 'preview.forgotten');
    assert.match((await open()).effect, /is opened at port/);
  });

  it('are answered the same when they are repeated after they were cut short', async () => {
    await live();
    const change = by();
    const { changes } = bench().store.experiments;
    const remember = changes.remember.bind(changes);
    changes.remember = () => Promise.reject(new Error('the gateway died'));
    await assert.rejects(open({}, change));
    changes.remember = remember;
    const answer = await open({}, change);
    assert.deepEqual([answer.unchanged, answer.run], [false, 1]);
    assert.equal((await bench().store.experiments.runs.list(locatePreview(request()))).length, 1);
  });
});
