import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logBeta, logBetaAbove } from '../../../src/domain/statistics/beta.ts';
import { createGenerator } from '../../../src/domain/statistics/generator.ts';
import { logGamma } from '../../../src/domain/statistics/log-gamma.ts';
import {
  type ErrorEvidence,
  type ErrorLook,
  NO_EVIDENCE,
  addErrorLook,
  combineSteps,
} from '../../../src/domain/statistics/sequential-errors.ts';

/** A look of a thousand requests, of which the candidate had a share. */
function lookOf(share: number, [ours, theirs]: readonly [ours: number, theirs: number]): ErrorLook {
  return {
    candidate: { requests: 1000 * share, errors: ours },
    baseline: { requests: 1000 * (1 - share), errors: theirs },
  };
}

const share = fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100);
const errors = fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 60 }));

function near(found: number, wanted: number, within: number): boolean {
  return Math.abs(found - wanted) < within * Math.max(1, Math.abs(wanted));
}

/** The mean of e after one more look of so many errors, where each is the candidate's with a chance. */
function meanE(before: ErrorEvidence, share: number, count: number, chance: number): number {
  let mean = 0;
  for (let ours = 0; ours <= count; ours += 1) {
    const ways = logGamma(count + 1) - logGamma(ours + 1) - logGamma(count - ours + 1);
    const { logE } = addErrorLook(before, lookOf(share, [ours, count - ours]));
    mean += Math.exp(ways + ours * Math.log(chance) + (count - ours) * Math.log1p(-chance) + logE - before.logE);
  }
  return mean;
}

describe('the sequential test of errors', () => {
  it('is the closed form of all errors with one share, whichever way the looks fall', () =>
    fc.assert(
      fc.property(share, fc.array(errors, { maxLength: 20 }), (theta, looks) => {
        const evidence = looks.reduce((before, each) => addErrorLook(before, lookOf(theta, each)), NO_EVIDENCE);
        const [ours, theirs] = looks.reduce(([k, m], [more, others]) => [k + more, m + others], [0, 0]);
        const [a, b] = [10 * theta, 10 * (1 - theta)];
        const weight = (k: number, m: number) => logBeta(a + k, b + m) + logBetaAbove(theta, a + k, b + m);
        const wanted = weight(ours, theirs) - weight(0, 0) - ours * Math.log(theta) - theirs * Math.log1p(-theta);
        assert.ok(near(evidence.logE, wanted, 1e-7), `${evidence.logE}, wanted ${wanted}`);
        assert.deepEqual([evidence.candidateErrors, evidence.errors], [ours, ours + theirs]);
      }),
    ));

  it('is worth 1 in the mean where there is no difference, whatever came before and with whatever share', () =>
    fc.assert(
      fc.property(share, share, errors, fc.integer({ min: 1, max: 40 }), (theta, before, counts, count) => {
        const evidence = addErrorLook(NO_EVIDENCE, lookOf(before, counts));
        assert.ok(near(meanE(evidence, theta, count, theta), 1, 1e-6));
      }),
    ));

  it('is worth less than 1 in the mean where the candidate does better', () =>
    fc.assert(
      fc.property(share, errors, fc.integer({ min: 1, max: 40 }), (theta, counts, count) => {
        const evidence = addErrorLook(NO_EVIDENCE, lookOf(theta, counts));
        assert.ok(meanE(evidence, theta, count, theta * 0.8) <= 1 + 1e-9);
      }),
    ));

  it('rises with each error that is the candidate’s instead of the baseline’s', () =>
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 80 }), (theta, count) => {
        const found = Array.from(
          { length: count + 1 },
          (_, ours) => addErrorLook(NO_EVIDENCE, lookOf(theta, [ours, count - ours])).logE,
        );
        for (const [ours, logE] of found.entries()) assert.ok(ours === 0 || logE > (found[ours - 1] ?? NaN));
      }),
    ));

  it('holds with counts as large as they come', () => {
    const alike = addErrorLook(NO_EVIDENCE, {
      candidate: { requests: 1e11, errors: 1e8 },
      baseline: { requests: 9e11, errors: 9e8 },
    });
    assert.ok(alike.logE < 0 && alike.logE > -15, `${alike.logE}`);
    const worse = addErrorLook(alike, {
      candidate: { requests: 1e11, errors: 1.1e8 },
      baseline: { requests: 9e11, errors: 9e8 },
    });
    assert.ok(worse.logE > 1e4 && Number.isFinite(worse.logE), `${worse.logE}`);
    const better = addErrorLook(alike, {
      candidate: { requests: 1e11, errors: 1e7 },
      baseline: { requests: 9e11, errors: 9e8 },
    });
    assert.ok(better.logE < alike.logE && Number.isFinite(better.logE), `${better.logE}`);
  });

  it('raises a false alarm in one of twenty runs at most, though it looks after each error', () => {
    const draw = createGenerator(11);
    let alarms = 0;
    for (let run = 0; run < 300; run += 1) {
      let evidence = NO_EVIDENCE;
      for (let error = 0; error < 500 && evidence.logE < Math.log(20); error += 1) {
        evidence = addErrorLook(evidence, lookOf(0.1, draw() < 0.1 ? [1, 0] : [0, 1]));
      }
      alarms += Number(evidence.logE >= Math.log(20));
    }
    assert.ok(alarms > 0 && alarms <= 15, `${alarms} of 300`);
  });
});

describe('the evidence of several steps', () => {
  const found = (logE: number): ErrorEvidence => ({ ...NO_EVIDENCE, logE });

  it('of one step is its own', () => {
    const { logE, worth } = combineSteps(found(1.5), { worth: 0, step: 1, of: 1 });
    assert.ok(near(logE, 1.5, 1e-12) && near(worth, Math.exp(1.5), 1e-12));
  });

  it('is the mean of the products that begin with each step', () => {
    const [one, two, three] = [3, 0.5, 8];
    const first = combineSteps(found(Math.log(one)), { worth: 0, step: 1, of: 3 });
    assert.ok(near(Math.exp(first.logE), (one + 1 + 1) / 3, 1e-12));
    const second = combineSteps(found(Math.log(two)), { worth: first.worth, step: 2, of: 3 });
    assert.ok(near(Math.exp(second.logE), (one * two + two + 1) / 3, 1e-12));
    const third = combineSteps(found(Math.log(three)), { worth: second.worth, step: 3, of: 3 });
    assert.ok(near(Math.exp(third.logE), (one * two * three + two * three + three) / 3, 1e-12));
  });

  it('is not drowned by the quiet before, and stays a number', () => {
    const quiet = combineSteps(found(-500), { worth: 0, step: 1, of: 2 });
    const loud = combineSteps(found(Math.log(40)), { worth: quiet.worth, step: 2, of: 2 });
    assert.ok(near(Math.exp(loud.logE), 20, 1e-9));
    const nothing = combineSteps(found(-1e5), { worth: 0, step: 1, of: 1 });
    assert.ok(Number.isFinite(nothing.logE));
    const sure = combineSteps(found(1e5), { worth: Math.exp(200), step: 2, of: 2 });
    assert.ok(Number.isFinite(sure.logE) && Number.isFinite(sure.worth));
  });
});
