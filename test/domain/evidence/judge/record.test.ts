import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeAnalysis } from '../../../../src/domain/evidence/judge/judge.ts';
import { recordAnalysis, rejudge } from '../../../../src/domain/evidence/judge/record.ts';
import { addWindow } from '../../../../src/domain/evidence/judge/windows.ts';
import { AT, ERRORS, LATENCY, LIMIT, SUBJECT, budgets, counted, pair, progressOf } from './samples.ts';

const about = { subject: SUBJECT, from: AT, to: '2026-11-30T07:10:00.000Z' };

describe('a recorded analysis', () => {
  it('says by the same rules what it has said', () => {
    const theirs = [0, 100, 400, 400, 100, 0, 0, 0];
    const looks = [
      pair(counted(100, 1, theirs), counted(900, 9, theirs)),
      pair(
        counted(
          200,
          2,
          theirs.map((count) => 2 * count),
        ),
        counted(
          1800,
          20,
          theirs.map((count) => 2 * count),
        ),
      ),
    ];
    const spec = { ...LATENCY, errorsAtMost: 0.05 };
    const progress = progressOf(spec, ...looks);
    const record = recordAnalysis(progress, { ...about, spec });
    const kept = JSON.parse(JSON.stringify(record)) as typeof record;
    const wanted = judgeAnalysis(spec, progress, SUBJECT, { ...about, isOver: true });
    assert.equal(wanted.length, 3);
    assert.deepEqual(rejudge(kept, spec), wanted);
  });

  it('says what other rules make of it', () => {
    const progress = progressOf(LIMIT, pair(counted(100, 4), counted(100, 4)), pair(counted(200, 12), counted(200, 8)));
    const record = recordAnalysis(progress, { ...about, spec: LIMIT });
    const verdicts = (spec: typeof LIMIT) => rejudge(record, spec).map(({ check, verdict }) => `${check} ${verdict}`);
    assert.deepEqual(verdicts(LIMIT), ['error limit fail']);
    assert.deepEqual(verdicts({ ...LIMIT, errorsAtMost: 0.08 }), ['error limit pass']);
    assert.deepEqual(verdicts({ ...LIMIT, budgets: { ...budgets, bad: 1 } }), ['error limit pass']);
    assert.deepEqual(verdicts(ERRORS), ['errors against live pass']);
  });

  it('of nothing passes by no rules', () => {
    const record = recordAnalysis(progressOf(ERRORS), { ...about, spec: ERRORS });
    assert.deepEqual(
      rejudge(record, LIMIT).map(({ verdict }) => verdict),
      ['inconclusive'],
    );
  });
});

describe('the windows of a recorded analysis', () => {
  it('are sixty at most, and lose nothing', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat({ max: 9 }), (looks, errors) => {
        let windows: ReturnType<typeof addWindow> = [];
        for (let look = 0; look < looks; look += 1) {
          windows = addWindow(windows, pair(counted(10, errors), counted(90, 1)), String(look));
        }
        assert.ok(windows.length <= 60 && windows.length >= Math.min(looks, 30));
        const sum = (of: (window: (typeof windows)[number]) => number) =>
          windows.reduce((total, window) => total + of(window), 0);
        assert.deepEqual(
          [sum(({ candidate }) => candidate[0]), sum(({ candidate }) => candidate[1])],
          [10 * looks, errors * looks],
        );
        assert.deepEqual(
          [sum(({ baseline }) => baseline?.[0] ?? 0), sum(({ baseline }) => baseline?.[1] ?? 0)],
          [90 * looks, looks],
        );
        assert.equal(windows.at(-1)?.to, String(looks - 1));
      }),
    ));
});
