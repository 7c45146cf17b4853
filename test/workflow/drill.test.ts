import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { computeReleaseDigest } from '../../src/activities/release.ts';
import type { CheckSpec } from '../../src/domain/evidence/checks.ts';
import type { DrillSpec } from '../../src/domain/experiment/drill/drill.ts';
import type { RollbackProof } from '../../src/domain/rollback/proof.ts';
import { formatServiceId } from '../../src/domain/service/service.ts';
import type { Bench } from './bench.ts';
import { ExperimentBench, checkProbe } from './experiment-bench.ts';
import { afterwards, passing, permanent } from './faults.ts';
import { check, revision, spec } from './samples.ts';
import { DIGEST } from './stack-model.ts';
import { benchForEach } from './suite.ts';

const of = (name: string) => (task: unknown) => JSON.stringify(task).includes(`"${name}"`);

/** A service with r1 that was live, and r2 that is, and drills of it. */
async function deskOf(bench: Bench, over: Partial<DrillSpec> = {}) {
  const { activities, service } = bench;
  const { catalogue } = activities.store;
  const described = spec(service);
  await catalogue.saveService(described, 1);
  const at = '2026-01-01T00:00:00.000Z';
  for (const [number, state] of [
    [1, 'warm'],
    [2, 'live'],
  ] as const) {
    const made = revision(described, number);
    await catalogue.saveRevision({ ...made, state, since: at, endpoints: [] }, 1);
    const ended = { actor: 'ada', startedAt: at, endedAt: at, outcome: 'succeeded' } as const;
    await catalogue.saveRollout({ service, number, kind: 'deploy', revision: number, ...ended });
  }
  const desk = new ExperimentBench(bench);
  await desk.apply({ variants: [], drill: { service, ...over }, probes: [checkProbe('answers')] });
  return { desk, digest: (number: number) => computeReleaseDigest(revision(described, number)) };
}

function teapot(): CheckSpec {
  return { ...check('teapot'), status: [418], deadlineMs: 1 } as CheckSpec;
}

function made(bench: Bench): string[] {
  return bench.activities.variants.inputs.map(({ service, artifact }) => `${service.name} ${artifact}`);
}

async function proofs({ activities, service }: Bench): Promise<Pick<RollbackProof, 'from' | 'to' | 'verdict'>[]> {
  const found = await activities.store.experiments.proofs.list(service);
  return found.map(({ from, to, verdict }) => ({ from, to, verdict }));
}

describe('a drill', () => {
  const bench = benchForEach();

  it('makes r(n), r(n-1) and r(n) one after the other, and proves the rollback', async () => {
    const { activities, service } = bench();
    const { desk, digest } = await deskOf(bench());
    const run = await desk.run();
    const status = await run.over();
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.equal(status.because, 'a rollback from r2 to r1 is proven');
    assert.deepEqual(made(bench()), [
      'nightly--first npm:http-server@1.0.0-2',
      'nightly--back npm:http-server@1.0.0-1',
      'nightly--again npm:http-server@1.0.0-2',
    ]);
    assert.equal(activities.variants.most, 2);
    assert.deepEqual(activities.variants.breaches, []);
    assert.deepEqual(await desk.left(), []);
    assert.deepEqual(await proofs(bench()), [{ from: digest(2), to: digest(1), verdict: 'proven' }]);
    const notes = status.phases.map(({ phase, state, note }) => [phase, state, note]);
    assert.deepEqual(notes.slice(1, 4), [
      ['provision', 'done', 'again, 3 of 3'],
      ['validate', 'done', 'again, 3 of 3: it is healthy'],
      ['probe', 'done', 'again, 3 of 3: 1 probe'],
    ]);
    // Whoever sees that it is over finds the proof.
    const events = await activities.store.audit.list({ rollout: `nightly/${desk.key.environment}@1` });
    const order = events
      .map(({ type }) => type)
      .filter((type) => /^(rollback|run\.ended|stack\.destroying)/.test(type));
    assert.deepEqual(order, [
      'stack.destroying',
      'stack.destroying',
      'rollback-safety.proven',
      'stack.destroying',
      'run.ended',
    ]);
    const proven = events.find(({ type }) => type === 'rollback-safety.proven');
    assert.equal(proven?.subject, formatServiceId(service));
  });

  it('keeps each stack until the next has passed', async () => {
    const { activities } = bench();
    const { desk } = await deskOf(bench());
    const hold = activities.hold('probeVariants', { matches: of('back') });
    const run = await desk.run();
    await hold.reached;
    const { wait } = await desk.until(run, (status) => status.wait !== undefined);
    assert.equal(wait?.on, 'probe answers, of r1 (back, 2 of 3)');
    assert.deepEqual(
      activities.variants.names.map((name) => name.split('--')[1]?.split('-')[0]),
      ['back', 'first'],
    );
    hold.release();
    assert.equal((await run.over()).outcome, 'succeeded');
  });

  it('of a candidate tries the rollback to what is live, with the patch for both', async () => {
    const { activities, service } = bench();
    const patch = { blueprint: { config: { db: 'copy' } } };
    const { desk, digest } = await deskOf(bench(), { release: { artifact: 'npm:http-server@2.0.0' }, patch });
    const status = await (await desk.run()).over();
    assert.equal(status.because, 'a rollback from npm:http-server@2.0.0 to r2 is proven');
    assert.deepEqual(
      activities.variants.inputs.map(({ artifact, blueprint }) => [artifact, blueprint.config]),
      [
        ['npm:http-server@2.0.0', { db: 'copy' }],
        ['npm:http-server@1.0.0-2', { db: 'copy' }],
        ['npm:http-server@2.0.0', { db: 'copy' }],
      ],
    );
    // As the deployment of it would have it.
    const blueprint = { ...spec(service).blueprint, digest: DIGEST };
    const candidate = { artifact: 'npm:http-server@2.0.0', blueprint, checks: spec(service).checks };
    assert.deepEqual(await proofs(bench()), [
      { from: computeReleaseDigest(candidate), to: digest(2), verdict: 'proven' },
    ]);
  });

  it('of a candidate that is live by now tries the rollback from it', async () => {
    const { desk, digest } = await deskOf(bench(), { release: { artifact: 'npm:http-server@1.0.0-2' } });
    assert.equal((await (await desk.run()).over()).because, 'a rollback from r2 to r1 is proven');
    assert.deepEqual(await proofs(bench()), [{ from: digest(2), to: digest(1), verdict: 'proven' }]);
  });

  it('whose older release cannot be made on what the newer one left disproves the rollback, also what was proven', async () => {
    const { activities } = bench();
    const { desk, digest } = await deskOf(bench());
    await (await desk.run()).over();
    activities.on('provisionVariant', permanent('StackFailed', 'it ended: format 2 is not known'), {
      matches: of('back'),
    });
    const run = await desk.run();
    const status = await run.over();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.because, 'r1 could not be made on what r2 left: variant back: it ended: format 2 is not known');
    assert.deepEqual(await proofs(bench()), [{ from: digest(2), to: digest(1), verdict: 'disproven' }]);
    assert.ok((await desk.events(run)).includes('rollback-safety.disproven'));
    assert.deepEqual(await desk.left(), []);
    // What comes after is not tried.
    assert.equal(made(bench()).filter((each) => each.includes('again')).length, 1);
  });

  it('whose newer release is not healthy on what the older one left disproves the rollback', async () => {
    const { activities } = bench();
    const { desk } = await deskOf(bench());
    activities.on('validateVariant', async () => ({ variant: 'again', passed: false, words: 'nothing answered' }), {
      matches: of('again'),
    });
    const status = await (await desk.run()).over();
    assert.match(status.because ?? '', /^r2 did not become healthy on what r1 left: .*nothing answered/);
    assert.deepEqual(
      (await proofs(bench())).map(({ verdict }) => verdict),
      ['disproven'],
    );
  });

  it('whose first release fails says nothing of the rollback', async () => {
    const { desk } = await deskOf(bench(), { checks: [teapot()] });
    const status = await (await desk.run()).over();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /^r2 did not become healthy: variant first is not healthy/);
    assert.deepEqual(await proofs(bench()), []);
    assert.deepEqual(await desk.left(), []);
  });

  it('that fails by what is not of the release says nothing of the rollback', async () => {
    const { activities } = bench();
    const { desk } = await deskOf(bench());
    activities.on('provisionVariant', permanent('Unavailable', 'no worker'), { matches: of('back') });
    const status = await (await desk.run()).over();
    assert.deepEqual([status.outcome, status.because], ['failed', 'variant back: no worker']);
    assert.deepEqual(await proofs(bench()), []);
    assert.deepEqual(await desk.left(), []);
  });

  it('that is stopped between two stages leaves nothing, and says nothing of the rollback', async () => {
    const { activities } = bench();
    const { desk } = await deskOf(bench());
    const hold = activities.hold('destroyVariant', { matches: of('first') });
    const run = await desk.run();
    await hold.reached;
    await desk.stop(run);
    const status = await run.over();
    assert.equal(status.outcome, 'stopped');
    assert.deepEqual(await desk.left(), []);
    assert.deepEqual(await proofs(bench()), []);
    assert.equal(made(bench()).length, 2);
  });

  it('whose workflow is cancelled leaves nothing, too', async () => {
    const { activities } = bench();
    const { desk } = await deskOf(bench());
    const hold = activities.hold('probeVariants', { matches: of('back') });
    const run = await desk.run();
    await hold.reached;
    await run.handle.cancel();
    const status = await run.over();
    assert.deepEqual([status.outcome, status.because], ['stopped', 'cancelled in Temporal']);
    assert.deepEqual(await desk.left(), []);
    assert.deepEqual(await proofs(bench()), []);
  });

  it('goes on where it was with the next worker, and makes no stack twice', async () => {
    const { activities } = bench();
    const { desk } = await deskOf(bench());
    const hold = activities.hold('destroyVariant', { matches: of('first') });
    const run = await desk.run();
    await hold.reached;
    await bench().restart();
    const status = await run.over();
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.deepEqual(
      made(bench()).map((each) => each.split(' ')[0]),
      ['nightly--first', 'nightly--back', 'nightly--again'],
    );
    assert.equal((await proofs(bench())).length, 1);
    assert.deepEqual(await desk.left(), []);
  });

  it('destroys each stack once, and takes as much history as three small runs', async () => {
    const { desk } = await deskOf(bench());
    const run = await desk.run();
    await run.over();
    assert.equal((await desk.events(run)).filter((type) => type === 'stack.destroyed').length, 3);
    const { events } = await run.handle.fetchHistory();
    const count = events?.length ?? 0;
    assert.ok(count > 0 && count <= 150, `${count} events`);
  });

  it('goes on where it was when the end of it is recorded twice', async () => {
    const { activities } = bench();
    const { desk } = await deskOf(bench());
    activities.on('recordEnding', afterwards(passing()));
    const status = await (await desk.run()).over();
    assert.equal(status.outcome, 'succeeded');
    assert.equal((await proofs(bench())).length, 1);
  });

  it('of a service with nothing to go back to says what to do', async () => {
    const { activities, service } = bench();
    const described = spec(service);
    await activities.store.catalogue.saveService(described, 1);
    const since = '2026-01-01T00:00:00.000Z';
    await activities.store.catalogue.saveRevision(
      { ...revision(described, 1), state: 'live', since, endpoints: [] },
      1,
    );
    const desk = new ExperimentBench(bench());
    await desk.apply({ variants: [], drill: { service } });
    const { outcome, because } = await (await desk.run()).over();
    assert.equal(outcome, 'failed');
    assert.match(
      because ?? '',
      /^drill: service web\/\S+ has no revision before r1 to go back to; a release that is not deployed/,
    );
    assert.deepEqual(await desk.left(), []);
  });
});
