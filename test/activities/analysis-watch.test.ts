import assert from 'node:assert/strict';
import { type AnalysisTask, AnalysisWatch } from '../../src/activities/analysis-watch.ts';
import type { RouteObservation } from '../../src/domain/traffic/route.ts';
import { RouterUnreachableError } from '../../src/routing/router.ts';
import { ERRORS, LIMIT, SUBJECT, counted } from '../domain/evidence/judge/samples.ts';
import type { RequestSeries } from '../../src/domain/traffic/request-series.ts';

const FROM = '2026-11-30T07:00:00.000Z';

/** A route of r1 and r2, whose counts are as the router would have them. */
function observation(series: Record<number, RequestSeries | undefined>): RouteObservation {
  return {
    service: { name: 'web', environment: 'test' },
    generation: 1,
    address: { host: '127.0.0.1', port: 1 },
    targets: Object.entries(series).map(([revision, counts]) => ({
      ...{ revision: Number(revision), endpoints: [], weight: 50 },
      ...(counts ? { series: counts } : {}),
    })),
  };
}

describe('an analysis while a revision bakes', () => {
  const task: AnalysisTask = { subject: SUBJECT, spec: ERRORS, step: 1 };
  let now: RouteObservation | undefined | Error;
  const observe = async () => {
    if (now instanceof Error) throw now;
    return now;
  };
  const verdicts = async (watch: AnalysisWatch, isOver = true) =>
    (await watch.look(isOver)).map(({ check, verdict, evidence }) => `${check} ${verdict}: ${evidence}`);

  it('judges what the router counted since its first look', async () => {
    const watch = new AnalysisWatch(observe, task, { from: FROM });
    now = observation({ 1: counted(9000, 900), 2: counted(10, 10) });
    assert.deepEqual(await verdicts(watch, false), []);
    now = observation({ 1: counted(10_000, 910), 2: counted(1010, 20) });
    const [found] = await watch.look(true);
    assert.deepEqual([found?.verdict, found?.from, found?.attempts], ['pass', FROM, 1000]);
    assert.match(found?.evidence ?? '', /^10 of 1000 requests to r2 were errors \(1 %\), 10 of 1000 to r1/);
  });

  it('goes on where the attempt before it was', async () => {
    const before = new AnalysisWatch(observe, task, { from: FROM });
    now = observation({ 1: counted(0, 0), 2: counted(0, 0) });
    await before.look(true);
    now = observation({ 1: counted(500, 5), 2: counted(500, 5) });
    await before.look(true);
    const progress = JSON.parse(JSON.stringify(before.progress)) as typeof before.progress;
    const after = new AnalysisWatch(observe, task, { from: FROM, progress });
    now = observation({ 1: counted(600, 6), 2: counted(600, 40) });
    assert.match((await verdicts(after)).join(), /^errors against live fail: 40 of 600 requests to r2/);
  });

  it('passes nothing that the router does not count, list or tell of', async () => {
    const cases: [RouteObservation | undefined | Error, string][] = [
      [new RouterUnreachableError('nobody answers'), 'nobody answers'],
      [undefined, 'the router does not list r2'],
      [observation({ 2: counted(1, 0) }), 'the router does not list r1'],
      [observation({ 1: counted(1, 0), 2: undefined }), 'the router does not count the requests of r2'],
    ];
    for (const [answer, why] of cases) {
      now = answer;
      const found = await verdicts(new AnalysisWatch(observe, task, { from: FROM }));
      assert.equal(found.length, 1);
      assert.match(found.join(), new RegExp(`^analysis inconclusive: .*: ${why}$`));
    }
    now = new TypeError('a fault of ours');
    await assert.rejects(new AnalysisWatch(observe, task, { from: FROM }).look(true), TypeError);
  });

  it('of a limit needs nothing live beside it', async () => {
    const { baseline: _live, ...alone } = SUBJECT;
    const watch = new AnalysisWatch(observe, { subject: alone, spec: LIMIT, step: 1 }, { from: FROM });
    now = observation({ 2: counted(0, 0) });
    await watch.look(true);
    now = observation({ 2: counted(200, 1) });
    assert.match((await verdicts(watch)).join(), /^error limit pass: 1 of 200 requests to r2/);
  });
});
