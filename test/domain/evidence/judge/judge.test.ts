import assert from 'node:assert/strict';
import type { AnalysisSpec } from '../../../../src/domain/evidence/judge/analysis-spec.ts';
import type { AnalysisSubject } from '../../../../src/domain/evidence/judge/finding.ts';
import { judgeAnalysis } from '../../../../src/domain/evidence/judge/judge.ts';
import { type AnalysisProgress, NO_PROGRESS, takeLook } from '../../../../src/domain/evidence/judge/progress.ts';
import { AT, ERRORS, LATENCY, LIMIT, SUBJECT, budgets, counted, pair, progressOf } from './samples.ts';

const WINDOW = { from: '2026-11-30T07:00:00.000Z', to: '2026-11-30T07:10:00.000Z' };

/** Each verdict as `check result`. */
function judged(
  spec: AnalysisSpec,
  progress: AnalysisProgress,
  { isOver = true, subject = SUBJECT }: { isOver?: boolean; subject?: AnalysisSubject } = {},
): string[] {
  const found = judgeAnalysis(spec, progress, subject, { ...WINDOW, isOver });
  return found.map(({ check, verdict }) => `${check} ${verdict}`);
}

function evidence(spec: AnalysisSpec, progress: AnalysisProgress): string[] {
  return judgeAnalysis(spec, progress, SUBJECT, { ...WINDOW, isOver: true }).map((verdict) => verdict.evidence);
}

describe('the judge of a limit of errors', () => {
  const good = progressOf(LIMIT, pair(counted(1000, 50)));
  const bad = progressOf(LIMIT, pair(counted(1000, 51)));

  it('passes what is at the limit, and fails what is above it at once', () => {
    assert.deepEqual(judged(LIMIT, good), ['error limit pass']);
    assert.deepEqual(judged(LIMIT, good, { isOver: false }), []);
    assert.deepEqual(judged(LIMIT, bad), ['error limit fail']);
    assert.deepEqual(judged(LIMIT, bad, { isOver: false }), ['error limit fail']);
  });

  it('says what it has counted', () => {
    assert.deepEqual(evidence(LIMIT, good), ['50 of 1000 requests to r2 were errors (5 %); 5 % may be']);
    assert.deepEqual(evidence(LIMIT, bad), [
      '51 of 1000 requests to r2 were errors (5.1 %); 5 % may be, and one window has more (51 of 1000), of 0 that may (budgets.bad)',
    ]);
  });

  it('says nothing of fewer requests than it takes, and passes none', () => {
    const few = progressOf(LIMIT, pair(counted(99, 99)));
    assert.deepEqual(judged(LIMIT, few, { isOver: false }), []);
    assert.deepEqual(judged(LIMIT, few), ['error limit inconclusive']);
    assert.deepEqual(judged(LIMIT, progressOf(LIMIT, pair(counted(0, 0)))), ['error limit inconclusive']);
  });

  it('may stay undecided of a first deployment, which may have no users, and still counts what it sees', () => {
    const subject: AnalysisSubject = { revision: 2, isFirst: true, earlier: SUBJECT.earlier };
    assert.deepEqual(judged(LIMIT, progressOf(LIMIT, pair(counted(0, 0))), { subject }), ['error limit pass']);
    assert.deepEqual(judged(LIMIT, bad, { subject }), ['error limit fail']);
    assert.deepEqual(judged(LIMIT, takeLook(LIMIT, NO_PROGRESS, { at: AT, fault: 'gone' }), { subject }), [
      'analysis inconclusive',
    ]);
  });

  it('holds each window of enough requests against it, however good the others are', () => {
    const looks = [pair(counted(10_000, 0)), pair(counted(10_060, 0)), pair(counted(10_100, 6))];
    assert.deepEqual(judged(LIMIT, progressOf(LIMIT, ...looks), { isOver: false }), ['error limit fail']);
  });

  it('forgives as many windows as its budget has', () => {
    const spec = { ...LIMIT, budgets: { ...budgets, bad: 1 } };
    assert.deepEqual(judged(spec, bad), ['error limit pass']);
    const again = progressOf(spec, pair(counted(1000, 51)), pair(counted(1100, 60)));
    assert.deepEqual(judged(spec, again), ['error limit fail']);
  });

  it('needs nothing that is live beside it', () => {
    const { baseline: _live, ...alone } = SUBJECT;
    assert.deepEqual(judged(LIMIT, good, { subject: alone }), ['error limit pass']);
    const both = { ...LATENCY, errorsAtMost: 0.05 };
    assert.deepEqual(judged(both, good, { subject: alone }), ['error limit pass'], 'there is nothing to compare with');
    assert.deepEqual(judged(ERRORS, good, { subject: alone }), []);
  });
});

describe('the judge of errors beside what is live', () => {
  it('fails what errs more, as soon as that is sure', () => {
    const worse = progressOf(ERRORS, pair(counted(100, 10), counted(900, 9)));
    assert.deepEqual(judged(ERRORS, worse, { isOver: false }), ['errors against live fail']);
    const [said] = evidence(ERRORS, worse);
    assert.match(
      said ?? '',
      /^10 of 100 requests to r2 were errors \(10 %\), 9 of 900 to r1 \(1 %\); 1.90 of 19 were to be expected of r2; e is \d+, and 20 is enough to go back$/,
    );
  });

  it('passes what errs alike or less, at the end', () => {
    for (const errors of [0, 10, 14]) {
      const alike = progressOf(ERRORS, pair(counted(1000, errors), counted(9000, 90)));
      assert.deepEqual(judged(ERRORS, alike, { isOver: false }), []);
      assert.deepEqual(judged(ERRORS, alike), ['errors against live pass'], `${errors} errors`);
    }
  });

  it('says nothing of too few requests to either', () => {
    const fewOfOurs = progressOf(ERRORS, pair(counted(99, 0), counted(9000, 9)));
    const fewOfTheirs = progressOf(ERRORS, pair(counted(9000, 9), counted(99, 0)));
    assert.deepEqual(judged(ERRORS, fewOfOurs), ['errors against live inconclusive']);
    assert.deepEqual(judged(ERRORS, fewOfTheirs), ['errors against live inconclusive']);
    assert.deepEqual(evidence(ERRORS, fewOfOurs), ['r2 had 99 requests, r1 9000; it takes 100 (leastRequests)']);
  });

  it('goes on with what was found in the steps before, and shares its chance of a false alarm among them', () => {
    const suspicious = progressOf(ERRORS, pair(counted(1000, 30), counted(9000, 100)));
    const at = (worth: number, step: number, of: number) => ({
      subject: { ...SUBJECT, earlier: { worth, step, of } },
      isOver: false,
    });
    assert.deepEqual(judged(ERRORS, suspicious, at(0, 1, 1)), ['errors against live fail']);
    assert.deepEqual(judged(ERRORS, suspicious, at(0, 1, 5_000)), []);
    assert.deepEqual(judged(ERRORS, suspicious, at(10, 2, 5_000)), ['errors against live fail']);
  });

  it('keeps its figures', () => {
    const progress = progressOf(ERRORS, pair(counted(100, 2), counted(300, 2)));
    const [verdict] = judgeAnalysis(ERRORS, progress, SUBJECT, { ...WINDOW, isOver: true });
    assert.deepEqual(
      [verdict?.attempts, verdict?.passed, verdict?.from, verdict?.to],
      [100, 98, WINDOW.from, WINDOW.to],
    );
    const { logE = NaN, worth = NaN, ...counts } = verdict?.numbers ?? {};
    const wanted = { candidateRequests: 100, candidateErrors: 2, baselineRequests: 300, baselineErrors: 2 };
    assert.deepEqual(counts, { ...wanted, expectedErrors: 1 });
    assert.ok(Math.abs(Math.exp(logE) - worth) < 1e-12);
  });
});

describe('the judge beside a fresh baseline', () => {
  it('calls what it compares with by its name, and says what that is a copy of', () => {
    const alike = [0, 100, 400, 400, 100, 0, 0, 0];
    const progress = progressOf(LATENCY, pair(counted(1000, 9, alike), counted(1000, 9, alike)));
    const subject = { ...SUBJECT, baseline: 3, copyOf: 1 };
    const found = judgeAnalysis(LATENCY, progress, subject, { ...WINDOW, isOver: true });
    assert.deepEqual(
      found.map(({ check, verdict }) => `${check} ${verdict}`),
      ['errors against baseline pass', 'latency against baseline pass'],
    );
    for (const { evidence: seen } of found) assert.match(seen, /r3 \(a fresh copy of r1\)/);
    const few = progressOf(ERRORS, pair(counted(99, 0), counted(9, 0)));
    const [undecided] = judgeAnalysis(ERRORS, few, subject, { ...WINDOW, isOver: true });
    assert.match(undecided?.evidence ?? '', /^r2 had 99 requests, r3 \(a fresh copy of r1\) 9;/);
  });
});

describe('the judge of latency beside what is live', () => {
  const theirs = [0, 100, 400, 400, 100, 0, 0, 0];
  const spread = (latencies: readonly number[]) =>
    progressOf(LATENCY, pair(counted(1000, 0, latencies), counted(1000, 0, theirs)));

  it('fails what takes longer, at the end of the step and not before', () => {
    const slower = spread([0, 0, 100, 400, 400, 100, 0, 0]);
    assert.deepEqual(judged(LATENCY, slower, { isOver: false }), []);
    assert.deepEqual(judged(LATENCY, slower), ['errors against live pass', 'latency against live fail']);
    assert.match(
      evidence(LATENCY, slower)[1] ?? '',
      /^latency of r2 is [\d.]+ ms \([\d.]+ to [\d.]+\) above that of r1, and [\d.]+ ms may be; medians 7.50 and 3.50 ms, of 1000 and 1000 latencies, 98 % sure$/,
    );
  });

  it('passes what is alike, faster, or higher by less than may be', () => {
    for (const latencies of [theirs, [0, 400, 400, 100, 100, 0, 0, 0], [0, 95, 395, 405, 105, 0, 0, 0]]) {
      assert.deepEqual(judged(LATENCY, spread(latencies)).at(-1), 'latency against live pass');
    }
  });

  it('takes constants as they are', () => {
    const constant = (place: number) => theirs.map((_, each) => (each === place ? 1000 : 0));
    const both = (ours: number) =>
      progressOf(LATENCY, pair(counted(1000, 0, constant(ours)), counted(1000, 0, constant(3))));
    assert.deepEqual(judged(LATENCY, both(3)).at(-1), 'latency against live pass');
    assert.deepEqual(judged(LATENCY, both(5)).at(-1), 'latency against live fail');
    assert.deepEqual(judged(LATENCY, both(1)).at(-1), 'latency against live pass');
  });

  it('says nothing without latencies, or with too few', () => {
    const none = progressOf(LATENCY, pair(counted(1000, 0), counted(1000, 0)));
    assert.deepEqual(judged(LATENCY, none), ['errors against live pass', 'latency against live inconclusive']);
    const few = progressOf(LATENCY, pair(counted(1000, 0, [99, 0, 0, 0, 0, 0, 0, 0]), counted(1000, 0, theirs)));
    assert.equal(judged(LATENCY, few).at(-1), 'latency against live inconclusive');
    assert.equal(
      evidence(LATENCY, few).at(-1),
      '99 latencies of r2 and 1000 of r1 were measured; it takes 100 of each (leastRequests)',
    );
  });

  it('is less sure in each of several steps', () => {
    const confidenceOf = (of: number) => {
      const subject = { ...SUBJECT, earlier: { worth: 0, step: 1, of } };
      return judgeAnalysis(LATENCY, spread(theirs), subject, { ...WINDOW, isOver: true }).at(-1)?.numbers?.confidence;
    };
    assert.deepEqual([confidenceOf(1), confidenceOf(4)], [0.98, 0.995]);
  });
});

describe('the judge', () => {
  it('passes nothing that was never measured', () => {
    const never = takeLook(ERRORS, NO_PROGRESS, { at: AT, fault: 'nobody answers' });
    assert.deepEqual(judged(ERRORS, never), ['analysis inconclusive']);
    assert.deepEqual(evidence(ERRORS, never), [
      'the counts could not be read once, and 4 may be (budgets.unmeasured): nobody answers',
    ]);
  });

  it('bears as many looks in a row without an answer as its budget has', () => {
    const good = pair(counted(1000, 0), counted(1000, 0));
    const faults = ['down', 'down', 'down', 'down'];
    assert.deepEqual(judged(ERRORS, progressOf(ERRORS, good, ...faults)), ['errors against live pass']);
    const more = progressOf(ERRORS, good, ...faults, 'still down');
    assert.deepEqual(judged(ERRORS, more, { isOver: false }), ['analysis inconclusive']);
    const back = progressOf(ERRORS, good, ...faults, good, 'down');
    assert.deepEqual(judged(ERRORS, back, { isOver: false }), []);
  });

  it('bears as many undecided figures as its budget has, but not that there is nothing at all', () => {
    const spec = { ...LATENCY, budgets: { ...budgets, undecided: 1 } };
    const withoutLatency = progressOf(spec, pair(counted(1000, 0), counted(1000, 0)));
    assert.deepEqual(judged(spec, withoutLatency), ['errors against live pass', 'latency against live pass']);
    assert.match(evidence(spec, withoutLatency).at(-1) ?? '', /; undecided, as 1 may be \(budgets.undecided\)$/);
    const few = progressOf(spec, pair(counted(10, 0), counted(1000, 0)));
    const both = ['errors against live inconclusive', 'latency against live inconclusive'];
    assert.deepEqual(judged(spec, few), both);
    const patient = { ...LATENCY, budgets: { ...budgets, undecided: 2 } };
    assert.deepEqual(judged(patient, progressOf(patient, pair(counted(0, 0), counted(1000, 0)))), both);
  });

  it('tells in a dry run what it would have found', () => {
    const spec: AnalysisSpec = { ...LIMIT, dryRun: true };
    const [verdict] = judgeAnalysis(spec, progressOf(spec, pair(counted(1000, 500))), SUBJECT, {
      ...WINDOW,
      isOver: false,
    });
    assert.deepEqual([verdict?.verdict, verdict?.isDryRun], ['fail', true]);
  });
});
