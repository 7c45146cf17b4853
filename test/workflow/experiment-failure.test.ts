import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { ExperimentBench, checkProbe, loadProbe } from './experiment-bench.ts';
import { afterwards, passing, permanent } from './faults.ts';
import { check, revision, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const of = (name: string) => (task: unknown) => JSON.stringify(task).includes(`"${name}"`);

describe('a run that fails', () => {
  const bench = benchForEach();

  it('because a variant cannot be made calls off the other one, and leaves nothing behind', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    await desk.apply({ probes: [loadProbe('load')] });
    const other = activities.hold('provisionVariant');
    activities.on('provisionVariant', permanent('StackFailed', 'no such package'));
    const run = await desk.run();
    await other.reached;
    const status = await run.over();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /^variant (blue|green): no such package$/);
    assert.equal(other.cancelled, true);
    assert.deepEqual(await desk.left(), []);
    assert.equal(activities.called('probeVariants'), 0);
    const states = status.phases.map(({ phase, state }) => `${phase} ${state}`);
    assert.deepEqual(states.slice(1, 4), ['provision failed', 'validate skipped', 'probe skipped']);
    assert.equal(states.at(-1), 'destroy done');
  });

  it('because a variant is not healthy says what was seen, and measures nothing', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    const wrong = { ...check('teapot'), status: [418], deadlineMs: 1 };
    const [blue, green] = desk.spec().variants;
    await desk.apply({ variants: [blue!, { ...green!, checks: [wrong] }], probes: [loadProbe('load')] });
    const run = await desk.run();
    const status = await run.over();
    assert.equal(status.outcome, 'failed');
    assert.match(
      status.because ?? '',
      /^variant green is not healthy: check teapot failed: .*answered 200, wanted 418/,
    );
    assert.equal(activities.called('probeVariants'), 0);
    assert.deepEqual(await desk.left(), []);
  });

  it('because a probe is not passed measures what is left to be, and compares', async () => {
    const desk = new ExperimentBench(bench());
    const wrong = { ...check('teapot'), status: [418], deadlineMs: 1 };
    await desk.apply({
      probes: [{ kind: 'check', name: 'tea', check: wrong }, loadProbe('load')],
      compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
      stay: 'until-ttl',
    });
    const run = await desk.run();
    const status = await run.over();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /probe tea of variant blue failed: .*; probe tea of variant green failed/);
    const results = await desk.store.results.find(run.ref);
    assert.deepEqual([results?.measurements.length, results?.comparisons.length], [4, 1]);
    assert.deepEqual(await desk.left(), []);
  });

  it('because of what its variants are to be says all of it, before anything exists', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    activities.variants.faults = [{ path: 'artifact', message: 'is nothing' }];
    await desk.apply();
    const run = await desk.run();
    const status = await run.over();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.because, 'variant blue: artifact is nothing; variant green: artifact is nothing');
    assert.deepEqual(status.phases.at(-1)?.note, 'no stack was made');
    assert.equal(activities.called('provisionVariant') + activities.called('destroyVariant'), 0);
    assert.deepEqual(await desk.left(), []);
  });

  it('because there is nothing that it is to be like says what to do', async () => {
    const desk = new ExperimentBench(bench());
    const { service } = bench();
    const source = { kind: 'like' as const, service };
    await desk.apply({
      variants: [
        { name: 'blue', source },
        { name: 'old', source: { ...source, revision: 7 } },
      ],
    });
    const { because } = await (await desk.run()).over();
    assert.match(
      because ?? '',
      /variant blue: like web\/\S+ has no live revision; .*variant old: like r7 of web\/\S+ is not/,
    );
  });
});

describe('a variant that is like a service', () => {
  const bench = benchForEach();

  it('is made from the live revision, or the one that is named, with what is patched', async () => {
    const { activities, service } = bench();
    const { catalogue } = activities.store;
    const described = spec(service);
    await catalogue.saveService(described, 1);
    for (const [number, state] of [
      [1, 'warm'],
      [2, 'live'],
    ] as const) {
      const made = revision(described, number);
      const blueprint = { ...made.blueprint, config: { number, nested: { kept: true, gone: true } } };
      await catalogue.saveRevision({ ...made, blueprint, state, since: made.createdAt, endpoints: [] }, 1);
    }
    const desk = new ExperimentBench(bench());
    const like = { kind: 'like' as const, service };
    const patch = { artifact: 'npm:other@1.0.0', blueprint: { config: { nested: { gone: null }, more: 1 } } };
    await desk.apply({
      variants: [
        { name: 'live', source: like },
        { name: 'old', source: { ...like, revision: 1 } },
        { name: 'patched', source: { ...like, patch } },
      ],
    });
    const status = await (await desk.run()).over();
    assert.equal(status.outcome, 'succeeded', status.because);
    const made = Object.fromEntries(
      activities.variants.inputs.map((input) => [input.service.name, [input.artifact, input.blueprint.config]]),
    );
    const config = (number: number) => ({ number, nested: { kept: true, gone: true } });
    assert.deepEqual(made, {
      'nightly--live': ['npm:http-server@1.0.0-2', config(2)],
      'nightly--old': ['npm:http-server@1.0.0-1', config(1)],
      'nightly--patched': ['npm:other@1.0.0', { number: 2, nested: { kept: true }, more: 1 }],
    });
    assert.deepEqual(
      status.variants.map(({ name, like: of }) => [name, of?.revision]),
      [
        ['live', 2],
        ['old', 1],
        ['patched', 2],
      ],
    );
  });
});

describe('a stack that does not go', () => {
  const bench = benchForEach();

  it('is tried again and keeps its lease, and the run says so', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    await desk.apply({ probes: [checkProbe('answers')] });
    activities.on('destroyVariant', permanent('StackFailed', 'something uses it'), { matches: of('green') });
    const run = await desk.run();
    const status = await desk.until(run, ({ wait }) => wait?.on.includes('something uses it') ?? false);
    assert.match(status.wait?.on ?? '', /^the stack of variant green to go, which failed 1 times/);
    await desk.until(run, ({ variants }) => variants[0]?.state === 'gone');
    assert.deepEqual(await desk.left(), [
      `nightly--green-${desk.key.environment}-r1`,
      `lease of nightly--green-${desk.key.environment}-r1`,
    ]);
    assert.equal((await desk.store.runs.find(run.ref))?.status.outcome, undefined);
    assert.deepEqual((await desk.store.runs.find(run.ref))?.stop, { by: 'supplant', outcome: 'succeeded' });
  });

  it('has no attempt lost to a step that fails in passing', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    await desk.apply({ probes: [loadProbe('load')] });
    for (const name of ['beginRun', 'takeLeases', 'recordEnding', 'endRun', 'saveRun'] as const) {
      activities.on(name, passing(), { times: 2 });
    }
    for (const name of ['provisionVariant', 'validateVariant', 'probeVariants'] as const) {
      activities.on(name, passing());
    }
    const run = await desk.run();
    const status = await run.over();
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.deepEqual(await desk.left(), []);
    const { typedSearchAttributes, memo } = await run.handle.describe();
    const { service, environment, phase, outcome, actor, revision: number } = SEARCH_ATTRIBUTES;
    assert.deepEqual(
      [service, environment, number, phase, outcome, actor].map((key) => typedSearchAttributes.get(key)),
      ['nightly', desk.key.environment, 'r1', 'destroy', 'succeeded', 'ada'],
    );
    assert.deepEqual(memo?.status, status);
  });
});

describe('a run whose variants are to be looked at', () => {
  const bench = benchForEach();
  const addressed = { addresses: { blue: 8_090 } };

  it('has the router lead to them once they are healthy, and takes them out before they go', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({ ...addressed, probes: [checkProbe('answers')] });
    const hold = bench().activities.hold('probeVariants');
    const run = await desk.run();
    await hold.reached;
    const { variants } = await desk.until(run, ({ phase }) => phase === 'probe');
    assert.deepEqual(
      variants.map(({ name, address }) => [name, address !== undefined]),
      [
        ['blue', true],
        ['green', false],
      ],
    );
    hold.release();
    assert.equal((await run.over()).outcome, 'succeeded');
    assert.deepEqual(await desk.left(), []);
    const routes = (await desk.events(run)).filter((type) => type.startsWith('route.'));
    assert.deepEqual(routes, ['route.changing', 'route.changed', 'route.removing', 'route.removed']);
  });

  it('keeps no stack for a router that does not answer, and takes them out when it does', async () => {
    const { activities } = bench();
    const desk = new ExperimentBench(bench());
    await desk.apply(addressed);
    activities.on('closeAddresses', afterwards(permanent('Unavailable', 'no answer')));
    const again = activities.hold('closeAddresses');
    const run = await desk.run();
    await again.reached;
    const { wait } = await desk.until(run, (status) => status.wait !== undefined);
    assert.match(wait?.on ?? '', /^the router, which did not answer/);
    assert.deepEqual(activities.variants.names, []);
    again.release();
    assert.equal((await run.over()).outcome, 'succeeded');
    assert.deepEqual(await desk.left(), []);
  });

  it('leaves a route to a later run that has taken it over', async () => {
    const desk = new ExperimentBench(bench());
    await desk.apply({ ...addressed, stay: 'until-ttl', overlap: 'allow' });
    const first = await desk.run();
    await desk.until(first, ({ phase }) => phase === 'hold');
    const second = await desk.run();
    await desk.until(second, ({ phase }) => phase === 'hold');
    await desk.stop(first);
    assert.equal((await first.over()).outcome, 'stopped');
    const model = bench().activities.variants.routes.get(`nightly--blue/${desk.key.environment}`);
    assert.deepEqual(model?.weights, { r2: 100 });
    await desk.stop(second);
    await second.over();
    assert.deepEqual(await desk.left(), []);
  });
});
