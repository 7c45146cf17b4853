/**
 * How often the judge of a bake raises a false alarm, and how soon it finds what is worse: on simulated traffic, that is
 * split as the router splits it. Seeds are fixed, so that it finds the same again. Nothing runs, and it takes seconds.
 *
 * - False alarms: hours without a difference, with a look every 10 s; the share of them in which any look failed the new
 *   revision. A z-test at every look is shown for comparison.
 * - Errors until found: errors of both revisions together when a look fails a new revision that errs 5, 2 or 1.5 times as
 *   often, at a weight of 10 %; the median of all runs, beside that of a simulation of the same test with a look after
 *   every single error.
 * - Latency: the same for steps of ten minutes, whose latencies hang together in time.
 */
import { createGenerator } from '../src/domain/statistics/generator.ts';
import { judgeAnalysis } from '../src/domain/evidence/judge/judge.ts';
import { ANALYSIS_DEFAULTS, type AnalysisSpec, DEFAULT_BUDGETS } from '../src/domain/evidence/judge/analysis-spec.ts';
import { type AnalysisProgress, NO_PROGRESS, takeCounts } from '../src/domain/evidence/judge/progress.ts';
import { type BenchResult, median, printResult } from './result.ts';
import { type Traffic, drawErrors, drawLatencies } from './simulated-traffic.ts';

const HOURS = 1_000;
const LOOKS_PER_HOUR = 360;
const LOOK_S = 10;
const { alpha, confidence, mayRise, leastRequests } = ANALYSIS_DEFAULTS;

const HOURS_OF: readonly Omit<Traffic, 'ratio'>[] = [
  { weight: 1, perSecond: 100, errorShare: 0.01 },
  { weight: 10, perSecond: 20, errorShare: 0.01 },
  { weight: 10, perSecond: 5, errorShare: 0.001 },
  { weight: 50, perSecond: 20, errorShare: 0.02 },
];

const RUNS = 601;
/** Errors until found, by the simulation that the test was chosen by. */
const ORACLE: readonly [ratio: number, errors: number][] = [
  [5, 21],
  [2, 133],
  [1.5, 391],
];
/** More than the oracle's is allowed only for what looks by the clock come late. */
const ORACLE_MARGIN = 1.1;

const STEPS = 400;
const LOOKS_PER_STEP = 60;

const ERRORS: AnalysisSpec = { compare: { errors: { alpha } }, leastRequests, budgets: DEFAULT_BUDGETS };
const LATENCY: AnalysisSpec = {
  compare: { errors: { alpha }, latency: { confidence, mayRise } },
  leastRequests,
  budgets: DEFAULT_BUDGETS,
};

export function run(): Promise<BenchResult> {
  console.log(`false alarms in ${HOURS} hours, a look every ${LOOK_S} s`);
  const alarms = HOURS_OF.map((traffic, index) => countAlarms({ ...traffic, ratio: 1 }, index + 1));
  console.log(`errors of both until found, median of ${RUNS}, at 10 %`);
  const found = ORACLE.map(([ratio, oracle], index) => findOut(ratio, oracle, index + 1));
  console.log(`latency, ${STEPS} steps of ten minutes`);
  const latencyAlarms = countHigher(1);
  const latencyFound = countHigher(1.5);
  const value = Math.max(...alarms);
  const isSoon = ORACLE.every(([, oracle], index) => (found[index] ?? Infinity) <= ORACLE_MARGIN * oracle);
  return Promise.resolve({
    ...{ name: 'judge', value, target: alpha, ok: value <= alpha && isSoon && latencyAlarms <= 1 - confidence },
    ...{ errorsAt5: found[0] ?? 0, errorsAt2: found[1] ?? 0, errorsAt1_5: found[2] ?? 0 },
    ...{ latencyAlarms, latencyFound },
  });
}

function countAlarms(traffic: Traffic, seed: number): number {
  const draw = createGenerator(seed);
  let alarms = 0;
  let naive = 0;
  for (let hour = 0; hour < HOURS; hour += 1) {
    let progress = NO_PROGRESS;
    const seen = { alarm: false, naive: false };
    for (let look = 0; look < LOOKS_PER_HOUR; look += 1) {
      progress = takeCounts(ERRORS, progress, drawErrors(traffic, LOOK_S, draw), '');
      seen.alarm ||= isFailed(ERRORS, progress, false);
      seen.naive ||= zScore(progress) > 1.645;
    }
    alarms += Number(seen.alarm);
    naive += Number(seen.naive);
  }
  const { weight, perSecond, errorShare } = traffic;
  const where = `${weight} % of ${perSecond}/s, ${errorShare * 100} % errors`;
  console.log(`  ${where.padEnd(30)} ${share(alarms / HOURS)}   a z-test at each look ${share(naive / HOURS)}`);
  return alarms / HOURS;
}

function findOut(ratio: number, oracle: number, seed: number): number {
  const draw = createGenerator(100 + seed);
  // One error a look: looks are as close as they can be.
  const traffic: Traffic = { weight: 10, perSecond: 10, errorShare: 0.01, ratio };
  const errors = Array.from({ length: RUNS }, () => {
    let progress = NO_PROGRESS;
    while (!isFailed(ERRORS, progress, false)) {
      progress = takeCounts(ERRORS, progress, drawErrors(traffic, LOOK_S, draw), '');
    }
    return progress.evidence.errors;
  });
  const middle = median(errors);
  console.log(`  ${`${ratio} times as many`.padEnd(30)} ${String(middle).padStart(6)}   oracle ${oracle}`);
  return middle;
}

/** The share of steps at whose end a new revision is failed whose latencies are so many times as long. */
function countHigher(ratio: number): number {
  const draw = createGenerator(1_000);
  let higher = 0;
  for (let step = 0; step < STEPS; step += 1) {
    let progress = NO_PROGRESS;
    let mood = 0;
    for (let look = 0; look < LOOKS_PER_STEP; look += 1) {
      const drawn = drawLatencies({ weight: 10, perSecond: 20, errorShare: 0, ratio }, LOOK_S, { draw, mood });
      mood = drawn.mood;
      progress = takeCounts(LATENCY, progress, drawn.counts, '');
    }
    higher += Number(isFailed(LATENCY, progress, true));
  }
  console.log(`  ${`${ratio} times as long`.padEnd(30)} ${share(higher / STEPS)}`);
  return higher / STEPS;
}

function isFailed(spec: AnalysisSpec, progress: AnalysisProgress, isOver: boolean): boolean {
  const subject = { revision: 2, baseline: 1, earlier: { worth: 0, step: 1, of: 1 } };
  const window = { from: '', to: '', isOver };
  return judgeAnalysis(spec, progress, subject, window).some(({ verdict }) => verdict === 'fail');
}

/** Of two shares, pooled: right for a single look. */
function zScore({ total: { candidate, baseline } }: AnalysisProgress): number {
  if (!baseline) return 0;
  const requests = candidate.requests + baseline.requests;
  const pooled = (candidate.errors + baseline.errors) / requests;
  const apart = candidate.errors / candidate.requests - baseline.errors / baseline.requests;
  return apart / Math.sqrt(pooled * (1 - pooled) * (1 / candidate.requests + 1 / baseline.requests));
}

function share(of: number): string {
  return `${(of * 100).toFixed(1)} %`.padStart(7);
}

if (import.meta.main) printResult(await run());
