import type { ReadNumber, Verdict } from './checks.ts';

/** The time that evidence is about, ISO 8601. */
export interface EvidenceWindow {
  from: string;
  to: string;
}

/** One number that was read of a revision, over a window. */
export interface MetricReading extends EvidenceWindow, ReadNumber {
  /** What was read, in words: `p99 of AWS/ApplicationELB TargetResponseTime`. */
  source: string;
}

/** What a number has to be, and of how many observations it has to be made to mean anything. */
export interface MetricLimit {
  atMost?: number;
  atLeast?: number;
  leastSamples: number;
}

/** One alarm, as a monitoring system has it. */
export interface AlarmReading {
  name: string;
  /** `unknown`: there is too little data, or no such alarm. */
  state: 'ok' | 'alarm' | 'unknown';
  /** In the monitoring system's words. */
  reason: string;
  /** When it went off within the window, though it may be over by now. */
  wentOffAt?: string;
}

/** What a reading says of a revision. Too little data is never a pass, and never a failure either. */
export function judgeReading(check: string, revision: number, reading: MetricReading, limit: MetricLimit): Verdict {
  const { value, samples, query, source, from, to } = reading;
  const number = { ...(value === undefined ? {} : { value }), samples, ...(query === undefined ? {} : { query }) };
  const about = { check, revision, attempts: samples, passed: 0, from, to, reading: number };
  const found = samples === 1 ? '1 sample' : `${samples} samples`;
  if (value === undefined || samples < limit.leastSamples) {
    const evidence = `${source} has ${found} from ${from} to ${to}, of ${limit.leastSamples} that it takes`;
    return { ...about, verdict: 'inconclusive', evidence };
  }
  const fits = isWithin(value, limit);
  const evidence = `${source} is ${value}, of ${found}; ${wordLimit(limit)}`;
  return { ...about, passed: fits ? samples : 0, verdict: fits ? 'pass' : 'fail', evidence };
}

/** What an alarm says of a revision that had traffic in a window. One that went off and is over went off all the same. */
export function judgeAlarm(revision: number, alarm: AlarmReading, { from, to }: EvidenceWindow): Verdict {
  const { name, state, reason, wentOffAt } = alarm;
  const about = { check: `alarm ${name}`, revision, attempts: 1, from, to };
  if (state === 'alarm') return { ...about, passed: 0, verdict: 'fail', evidence: `${name} is off: ${reason}` };
  if (wentOffAt !== undefined) {
    return {
      ...about,
      passed: 0,
      verdict: 'fail',
      evidence: `${name} went off at ${wentOffAt}, and is over: ${reason}`,
    };
  }
  if (state === 'unknown') return { ...about, passed: 0, verdict: 'inconclusive', evidence: `${name}: ${reason}` };
  return { ...about, passed: 1, verdict: 'pass', evidence: `${name} did not go off` };
}

/**
 * The same before the bake is over. What is missing may come yet, and a sum may still reach its floor: only what is above its
 * limit counts.
 */
export function judgeEarlyReading(
  check: string,
  revision: number,
  reading: MetricReading,
  { atMost, leastSamples }: MetricLimit,
): Verdict | undefined {
  if (atMost === undefined) return undefined;
  const verdict = judgeReading(check, revision, reading, { atMost, leastSamples });
  return verdict.verdict === 'fail' ? verdict : undefined;
}

const LONGEST_QUERY = 300;

/** `asked sum(rate(errors_total{revision="r2"}[90s]))`, for people; undefined where nothing was asked in words. */
export function describeQuestion({ reading }: Verdict): string | undefined {
  const query = reading?.query?.replaceAll(/\s+/g, ' ');
  if (query === undefined) return undefined;
  return `asked ${query.length > LONGEST_QUERY ? `${query.slice(0, LONGEST_QUERY)}…` : query}`;
}

function isWithin(value: number, { atMost = Infinity, atLeast = -Infinity }: MetricLimit): boolean {
  return value <= atMost && value >= atLeast;
}

function wordLimit(limit: MetricLimit): string {
  const words = describeLimit(limit);
  return words === '' ? 'it may be anything' : `it may be ${words}`;
}

/** `at least 1 and at most 5`; empty where anything will do. */
export function describeLimit({ atMost, atLeast }: MetricLimit): string {
  const words = [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ];
  return words.join(' and ');
}
