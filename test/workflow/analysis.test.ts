import assert from 'node:assert/strict';
import type { BakeTask } from '../../src/activities/bake.ts';
import { ERROR_COMPARISON } from '../../src/domain/evidence/judge/error-findings.ts';
import type { Verdict } from '../../src/domain/evidence/checks.ts';
import type { AnalysisSpec } from '../../src/domain/evidence/judge/analysis-spec.ts';
import type { RouteObservation } from '../../src/domain/traffic/route.ts';
import type { CanarySpec } from '../../src/domain/service/strategy.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { ERRORS, counted } from '../domain/evidence/judge/samples.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { type Act, answering } from './faults.ts';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const CANARY: CanarySpec = {
  kind: 'canary',
  steps: [
    { weight: 10, bakeMs: 20 },
    { weight: 50, bakeMs: 20 },
  ],
  bakeMs: 20,
};

function start(bench: Bench, analysis: AnalysisSpec, live = 2): Promise<RolloutHandle> {
  const described = { ...spec(bench.service), strategy: { ...CANARY, analysis } };
  return bench.start(input(described, live === 0 ? { to: 3 } : { to: 3, live }));
}

/** What each bake was to analyse. */
function analyses({ activities }: Bench): BakeTask['analysis'][] {
  return activities.calls.filter(({ name }) => name === 'bake').map(({ task }) => (task as BakeTask).analysis);
}

const found = (worth: number): Verdict => ({ ...verdict(ERROR_COMPARISON, 3, 'pass'), numbers: { worth } });

describe('a rollout with an analysis', () => {
  const bench = benchForEach();

  it('holds the new revision against the live one in each step that both have traffic in, with what was found before', async () => {
    const { activities } = bench();
    activities.on('bake', answering([found(0.4)]));
    activities.on('bake', answering([found(1.5)]));
    const handle = await start(bench(), ERRORS);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    const subject = { revision: 3, baseline: 2 };
    assert.deepEqual(analyses(bench()), [
      { spec: ERRORS, subject: { ...subject, earlier: { worth: 0, step: 1, of: 2 } }, step: 1 },
      { spec: ERRORS, subject: { ...subject, earlier: { worth: 0.4, step: 2, of: 2 } }, step: 2 },
      { spec: ERRORS, subject: { revision: 3, earlier: { worth: 1.5, step: 3, of: 2 } }, step: 3 },
    ]);
  });

  it('holds counts against those of when the traffic moved, which a lost worker cannot take along', async () => {
    const { activities } = bench();
    const counting: Act = async (effect) => {
      const observed = (await effect()) as RouteObservation;
      const counts = { inFlight: 0, upgraded: 0, served: 70, failed: 0, series: counted(70, 1) };
      return { ...observed, targets: observed.targets.map((target) => ({ ...target, ...counts })) };
    };
    activities.on('shift', counting);
    assert.equal((await (await start(bench(), ERRORS)).result()).status.outcome, 'succeeded');
    const [first, second] = activities.calls.flatMap(({ name, task }) => (name === 'bake' ? [task as BakeTask] : []));
    assert.deepEqual(first?.analysis?.counted, { candidate: counted(70, 1), baseline: counted(70, 1) });
    assert.deepEqual(first.before, { served: 70, failed: 0, series: counted(70, 1) });
    assert.ok(Date.parse(first.since ?? '') <= Date.parse(first.until));
    assert.equal(second?.analysis?.counted, undefined, 'of another write');
  });

  it('has nothing to hold a first revision against, which may have no users yet', async () => {
    const handle = await start(bench(), ERRORS, 0);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(analyses(bench()), [
      { spec: ERRORS, subject: { revision: 3, isFirst: true, earlier: { worth: 0, step: 1, of: 1 } }, step: 1 },
    ]);
  });

  it('goes on after a dry run that found something, and says so', async () => {
    const dry: Verdict = { ...verdict(ERROR_COMPARISON, 3, 'fail', '9 of 10 were errors'), isDryRun: true };
    bench().activities.on('bake', answering([dry]));
    const handle = await start(bench(), { ...ERRORS, dryRun: true });
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    const told = status.verdicts.find(({ check }) => check === ERROR_COMPARISON);
    assert.deepEqual([told?.verdict, told?.isDryRun, told?.step], ['fail', true, 1]);
    const recorded = (await bench().activities.store.audit.list()).find(({ data }) => data.check === ERROR_COMPARISON);
    assert.deepEqual([recorded?.data.verdict, recorded?.data.isDryRun], ['fail', true]);
  });

  it('is put back by one that is none', async () => {
    bench().activities.on('bake', answering([verdict(ERROR_COMPARISON, 3, 'fail', '9 of 10 were errors')]));
    const { status } = await (await start(bench(), ERRORS)).result();
    assert.equal(status.outcome, 'rolled-back');
    assert.match(status.because ?? '', /check errors against live failed: 9 of 10 were errors/);
  });
});
