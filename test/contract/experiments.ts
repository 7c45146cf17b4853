import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import type { Lease } from '../../src/domain/experiment/lease.ts';
import type { CheckMeasurement, Comparison } from '../../src/domain/experiment/measurement.ts';
import { RUN_PHASES, type RunPlan, type RunRef } from '../../src/domain/experiment/run.ts';
import type { RollbackProof } from '../../src/domain/rollback/proof.ts';
import type { ExperimentStore, RunStart } from '../../src/store/experiments/stores.ts';

const NIGHTLY = { name: 'nightly', environment: 'production' };
const WEEKLY = { name: 'weekly', environment: 'production' };
const AT = '2026-01-02T03:04:05.678Z';
const LATER = '2026-01-02T04:04:05.678Z';
const LATEST = '2026-01-02T05:04:05.678Z';
const HOUR_MS = 3_600_000;

function spec(over: Partial<ExperimentSpec> = {}): ExperimentSpec {
  return {
    experiment: NIGHTLY,
    variants: [{ name: 'blue', source: { kind: 'like', service: { name: 'web', environment: 'production' } } }],
    probes: [],
    ttlMs: HOUR_MS,
    stay: 'until-probed',
    overlap: 'skip',
    budget: { stacks: 2 },
    keepMs: 24 * HOUR_MS,
    ...over,
  };
}

function start(workflowId: string, over: Partial<RunStart> = {}): RunStart {
  return {
    experiment: NIGHTLY,
    workflowId,
    trigger: 'person',
    actor: 'ada',
    reason: 'Grüße',
    at: AT,
    deadlineAt: LATER,
    stacks: 2,
    ...over,
  };
}

function lease(variant: string, run = 1): Lease {
  return {
    project: 'production',
    stack: `nightly--${variant}-production-r${run}`,
    run: { experiment: NIGHTLY, run },
    variant,
    workflowId: 'w1',
    firstRunId: 'first',
    artifact: 'npm:http-server@14.1.1',
    blueprint: { name: 'local-process', digest: 'd', config: { args: ['-c-1'], nested: { empty: null } } },
    takenAt: AT,
    deadlineAt: LATER,
  };
}

function measurement(variant: string, probe: string, over: Partial<CheckMeasurement> = {}): CheckMeasurement {
  const found = { verdict: 'pass', attempts: 1, passed: 1, evidence: 'seen', from: AT, to: LATER } as const;
  return { kind: 'check', variant, probe, ...found, ...over };
}

const COMPARISON: Comparison = {
  ...{ probe: 'load', variant: 'green', baseline: 'blue', figure: 'latency', test: 'Mann–Whitney' },
  ...{ baselineValue: 1.5, variantValue: 2.25, difference: { estimate: 0.75, low: 0.5, high: 1 } },
  ...{ confidence: 0.95, counts: { baseline: 100, variant: 100 }, verdict: 'higher', words: 'it is slower' },
};

/** What every store of experiments does. */
export function experimentsContract(
  name: string,
  open: () => Promise<{ experiments: ExperimentStore; close(): Promise<void> }>,
) {
  describe(`experiments in ${name}`, () => {
    let store: Awaited<ReturnType<typeof open>>;
    const first: RunRef = { experiment: NIGHTLY, run: 1 };

    beforeEach(async () => (store = await open()));
    afterEach(() => store.close());

    describe('descriptions', () => {
      it('are as they were saved last, under a version that rises', async () => {
        const { experiments } = store.experiments;
        assert.equal(await experiments.find(NIGHTLY), undefined);
        assert.deepEqual(await experiments.save(spec()), { spec: spec(), lastRun: 0, version: 1 });
        const changed = spec({ ttlMs: 2 * HOUR_MS, addresses: { blue: 8090 } });
        assert.deepEqual(await experiments.save(changed), { spec: changed, lastRun: 0, version: 2 });
        await experiments.save(spec({ experiment: WEEKLY }));
        assert.deepEqual(
          (await experiments.list()).map((each) => each.spec.experiment),
          [NIGHTLY, WEEKLY],
        );
      });

      it('are paused and resumed', async () => {
        const { experiments } = store.experiments;
        await experiments.save(spec());
        const paused = { by: 'ada', at: AT, reason: 'a freeze' };
        await experiments.setPaused(NIGHTLY, paused);
        assert.deepEqual(await experiments.find(NIGHTLY), { spec: spec(), paused, lastRun: 0, version: 2 });
        await experiments.save(spec());
        assert.deepEqual((await experiments.find(NIGHTLY))?.paused, paused);
        await experiments.setPaused(NIGHTLY, undefined);
        assert.deepEqual(await experiments.find(NIGHTLY), { spec: spec(), lastRun: 0, version: 4 });
      });

      it('are deleted once, stay findable, and come back with their numbers going on', async () => {
        const { experiments, runs } = store.experiments;
        await experiments.save(spec());
        await runs.begin(start('w1'));
        await experiments.delete(NIGHTLY, AT);
        await experiments.delete(NIGHTLY, LATER);
        assert.equal((await experiments.find(NIGHTLY))?.deletedAt, AT);
        assert.deepEqual(await experiments.list(), []);
        assert.equal((await experiments.list({ deleted: true })).length, 1);
        const back = await experiments.save(spec());
        assert.deepEqual([back.deletedAt, back.lastRun], [undefined, 1]);
        assert.equal((await runs.begin(start('w2'))).status.run, 2);
      });

      it('are deleted only as they are meant, where that is said', async () => {
        const { experiments } = store.experiments;
        const { version } = await experiments.save(spec());
        await experiments.save(spec({ ttlMs: 2 * HOUR_MS }));
        await experiments.delete(NIGHTLY, AT, version);
        assert.equal((await experiments.find(NIGHTLY))?.deletedAt, undefined);
        await experiments.delete(NIGHTLY, AT, version + 1);
        assert.equal((await experiments.find(NIGHTLY))?.deletedAt, AT);
      });
    });

    describe('changes', () => {
      const change = { requestId: 'a', fingerprint: 'f', at: AT, answer: 'applied' };

      it('are remembered with what was answered the first time', async () => {
        const { changes } = store.experiments;
        assert.equal(await changes.recall(NIGHTLY, 'a'), undefined);
        assert.deepEqual(await changes.remember(NIGHTLY, change), change);
        assert.deepEqual(await changes.remember(NIGHTLY, { ...change, answer: 'else' }), change);
        assert.deepEqual(await changes.recall(NIGHTLY, 'a'), change);
        assert.equal(await changes.recall(WEEKLY, 'a'), undefined);
      });

      it('are forgotten by their age, of all experiments', async () => {
        const { changes } = store.experiments;
        await changes.remember(NIGHTLY, change);
        await changes.remember(WEEKLY, change);
        await changes.remember(NIGHTLY, { ...change, requestId: 'b', at: LATER });
        await changes.prune(AT);
        assert.deepEqual(await changes.recall(NIGHTLY, 'a'), change);
        await changes.prune(LATER);
        assert.deepEqual(
          [await changes.recall(NIGHTLY, 'a'), await changes.recall(WEEKLY, 'a')],
          [undefined, undefined],
        );
        assert.equal((await changes.recall(NIGHTLY, 'b'))?.at, LATER);
      });
    });

    describe('runs', () => {
      it('have numbers from 1 on, each workflow one of its own however often it begins', async () => {
        const { runs } = store.experiments;
        const begun = await runs.begin(start('w1'));
        assert.deepEqual(begun, {
          status: {
            ...{ experiment: NIGHTLY, run: 1, trigger: 'person', actor: 'ada', reason: 'Grüße' },
            ...{ startedAt: AT, deadlineAt: LATER, phase: 'lease', variants: [] },
            phases: RUN_PHASES.map((phase) => ({ phase, state: 'pending' })),
          },
          workflowId: 'w1',
          stacks: 2,
        });
        assert.equal((await runs.begin(start('w2'))).status.run, 2);
        assert.equal((await runs.begin(start('w3', { experiment: WEEKLY }))).status.run, 1);
        const again = await runs.begin(start('w1', { firstRunId: 'first', actor: 'bob' }));
        assert.deepEqual(again, { ...begun, firstRunId: 'first' });
        assert.equal((await runs.begin(start('w1', { firstRunId: 'second' }))).firstRunId, 'first');
        assert.deepEqual(await runs.ofWorkflow('w1'), again);
        assert.equal(await runs.ofWorkflow('w4'), undefined);
      });

      it('have numbers of their own when many begin at once', async () => {
        const { runs } = store.experiments;
        const ids = Array.from({ length: 12 }, (_, index) => `w${index}`);
        const begun = await Promise.all([...ids, ...ids].map((id) => runs.begin(start(id))));
        assert.deepEqual(
          [...new Set(begun.map(({ status }) => status.run))].toSorted((a, b) => a - b),
          ids.map((_, index) => index + 1),
        );
      });

      it('keep the outcome that was recorded first', async () => {
        const { runs } = store.experiments;
        const { status } = await runs.begin(start('w1'));
        await runs.save({ ...status, phase: 'provision' });
        assert.equal((await runs.find(first))?.status.phase, 'provision');
        const ended = { ...status, outcome: 'lost', endedAt: LATER, because: 'nobody looked after it' } as const;
        await runs.save(ended);
        await runs.save({ ...status, outcome: 'succeeded', endedAt: LATEST });
        assert.deepEqual((await runs.find(first))?.status, ended);
        assert.deepEqual(await runs.open(), []);
      });

      it('take the first wish to end, and the latest deadline, while they are open', async () => {
        const { runs } = store.experiments;
        const { status } = await runs.begin(start('w1'));
        const stop = { by: 'ada', reason: 'enough', outcome: 'stopped' } as const;
        assert.deepEqual((await runs.ask(first, { stop }))?.stop, stop);
        assert.deepEqual((await runs.ask(first, { stop: { by: 'bob', outcome: 'replaced' } }))?.stop, stop);
        assert.equal((await runs.ask(first, { deadlineAt: LATEST }))?.status.deadlineAt, LATEST);
        assert.equal((await runs.ask(first, { deadlineAt: LATER }))?.status.deadlineAt, LATEST);
        // What its workflow wrote before it heard of it.
        await runs.save({ ...status, phase: 'probe' });
        const found = await runs.find(first);
        assert.deepEqual([found?.status.deadlineAt, found?.status.phase, found?.stop], [LATEST, 'probe', stop]);
        assert.equal(await runs.ask({ ...first, run: 9 }, { stop }), undefined);
      });

      it('take no wish any more once they are over', async () => {
        const { runs } = store.experiments;
        const { status } = await runs.begin(start('w1'));
        await runs.save({ ...status, outcome: 'succeeded', endedAt: LATER });
        const found = await runs.ask(first, { stop: { by: 'ada', outcome: 'stopped' }, deadlineAt: LATEST });
        assert.deepEqual([found?.stop, found?.status.deadlineAt], [undefined, LATER]);
      });

      it('have the plan that was fixed first', async () => {
        const { runs } = store.experiments;
        await runs.begin(start('w1'));
        const plan: RunPlan = {
          variants: [{ name: 'blue', checks: [] }],
          ...{ probes: [], stay: 'until-ttl', keepMs: HOUR_MS, addresses: { blue: 8090 } },
          compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
        };
        const planned = await runs.plan(first, plan);
        assert.deepEqual([planned?.plan, planned?.stacks], [plan, 1]);
        assert.deepEqual((await runs.plan(first, { ...plan, stay: 'until-probed' }))?.plan, plan);
        assert.equal(await runs.plan({ ...first, run: 9 }, plan), undefined);
      });

      it('are listed newest first, page by page', async () => {
        const { runs } = store.experiments;
        for (const id of ['w1', 'w2', 'w3', 'w4']) await runs.begin(start(id));
        await runs.begin(start('w5', { experiment: WEEKLY }));
        const numbers = (found: { status: RunRef }[]) => found.map(({ status }) => status.run);
        assert.deepEqual(numbers(await runs.list(NIGHTLY)), [4, 3, 2, 1]);
        assert.deepEqual(numbers(await runs.list(NIGHTLY, { limit: 2 })), [4, 3]);
        assert.deepEqual(numbers(await runs.list(NIGHTLY, { below: 3 })), [2, 1]);
      });

      it('are open until they have an outcome, and count for a while after that', async () => {
        const { runs } = store.experiments;
        const { status } = await runs.begin(start('w1'));
        await runs.begin(start('w2', { at: LATER }));
        await runs.begin(start('w3', { experiment: WEEKLY }));
        await runs.save({ ...status, outcome: 'succeeded', endedAt: LATER });
        const ids = (found: { workflowId: string }[]) => found.map(({ workflowId }) => workflowId);
        assert.deepEqual(ids(await runs.open()), ['w3', 'w2']);
        assert.deepEqual(ids(await runs.open(NIGHTLY)), ['w2']);
        assert.deepEqual(ids(await runs.since(NIGHTLY, AT)), ['w1', 'w2']);
        assert.deepEqual(ids(await runs.since(NIGHTLY, LATER)), ['w1', 'w2']);
        assert.deepEqual(ids(await runs.since(NIGHTLY, LATEST)), ['w2']);
      });
    });

    describe('leases', () => {
      it('are recorded once, and are gone when they are released', async () => {
        const { leases } = store.experiments;
        await leases.take([]);
        await leases.take([lease('blue'), lease('green')]);
        await leases.take([{ ...lease('blue'), deadlineAt: LATEST }, lease('red')]);
        assert.deepEqual(await leases.list(first), [lease('blue'), lease('green'), lease('red')]);
        assert.deepEqual(await leases.find(lease('blue')), lease('blue'));
        await leases.release(lease('blue'));
        await leases.release(lease('blue'));
        assert.equal(await leases.find(lease('blue')), undefined);
        assert.deepEqual(await leases.list({ ...first, run: 2 }), []);
      });

      it('are extended, all of a run and none of another, and never shortened', async () => {
        const { leases } = store.experiments;
        await leases.take([lease('blue'), lease('green'), lease('blue', 2)]);
        await leases.extend(first, LATEST);
        await leases.extend(first, LATER);
        assert.deepEqual(
          (await leases.list()).map(({ deadlineAt }) => deadlineAt),
          [LATEST, LATER, LATEST],
        );
      });
    });

    describe('results', () => {
      it('are one for each variant and probe, kept until the time that was said first', async () => {
        const { results } = store.experiments;
        assert.equal(await results.find(first), undefined);
        await results.saveMeasurement(first, measurement('green', 'home'), LATER);
        await results.saveMeasurement(first, measurement('blue', 'home', { verdict: 'fail' }), LATEST);
        await results.saveMeasurement(first, measurement('blue', 'home'), LATEST);
        await results.saveComparisons(first, [COMPARISON]);
        assert.deepEqual(await results.find(first), {
          ...first,
          measurements: [measurement('blue', 'home'), measurement('green', 'home')],
          comparisons: [COMPARISON],
          keptUntil: LATER,
        });
      });

      it('are listed newest first, and forgotten when their time is over', async () => {
        const { results } = store.experiments;
        for (const [run, until] of [
          [1, AT],
          [2, LATER],
          [3, LATEST],
        ] as const) {
          await results.saveMeasurement({ ...first, run }, measurement('blue', 'home'), until);
        }
        const numbers = async (options = {}) => (await results.list(NIGHTLY, options)).map(({ run }) => run);
        assert.deepEqual(await numbers(), [3, 2, 1]);
        assert.deepEqual(await numbers({ below: 3, limit: 1 }), [2]);
        assert.equal(await results.prune(LATER), 1);
        assert.deepEqual(await numbers(), [3, 2]);
        assert.equal(await results.prune(LATER), 0);
      });
    });

    describe('proofs of rollbacks', () => {
      const web = { name: 'web', environment: 'production' };
      const proof = (over: Partial<RollbackProof> = {}): RollbackProof => ({
        ...{ service: web, from: 'new', to: 'old', verdict: 'proven', run: first, at: AT },
        ...{ fromLabel: 'r5', toLabel: 'r4' },
        ...over,
      });

      it('are found by their pair, of which the latest stands whichever comes last', async () => {
        const { proofs } = store.experiments;
        assert.equal(await proofs.find(proof()), undefined);
        await proofs.save(proof());
        await proofs.save(proof());
        assert.deepEqual(await proofs.find(proof()), proof());
        const later = proof({ verdict: 'disproven', because: 'Grüße', at: LATER, run: { ...first, run: 2 } });
        await proofs.save(later);
        await proofs.save(proof());
        assert.deepEqual(await proofs.find(proof()), later);
        for (const other of [{ from: 'old', to: 'new' }, { service: { ...web, name: 'api' } }]) {
          assert.equal(await proofs.find(proof(other)), undefined);
        }
      });

      it('are listed newest first, of a service or of one of its releases', async () => {
        const { proofs } = store.experiments;
        const others = [proof({ to: 'older', at: LATEST }), proof({ from: 'newer', to: 'new', at: LATER }), proof()];
        for (const each of [...others, proof({ service: { ...web, environment: 'test' } })]) await proofs.save(each);
        assert.deepEqual(await proofs.list(web), others);
        assert.deepEqual(await proofs.list(web, { from: 'new' }), [others[0], others[2]]);
        assert.deepEqual(await proofs.list(web, { limit: 1 }), [others[0]]);
      });
    });
  });
}
