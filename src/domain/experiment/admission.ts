import { countStacks } from './drill/drill.ts';
import type { ExperimentSpec } from './experiment.ts';
import type { RunStatus } from './run.ts';

/** What a budget counts of a run. */
export interface CountedRun {
  run: number;
  /** How many stacks it has at most. */
  stacks: number;
  /** When its first stack could be there, ISO 8601; absent as long as none can. */
  heldFrom?: string;
  /** When the last one was gone; absent as long as that is not so. */
  heldTo?: string;
  /** How long its stacks may exist at most, in milliseconds, where that is not over. */
  mayHoldMs: number;
}

/** What becomes of a run that is to begin. */
export type Admission =
  | { kind: 'begin' }
  /** It does not take place. `because` has the figure. */
  | { kind: 'skip'; because: string }
  /** It begins after another one. */
  | { kind: 'wait'; behind: number }
  /** It begins once those are gone, which are to be stopped. */
  | { kind: 'replace'; runs: number[] };

export interface AdmissionQuestion {
  run: number;
  spec: Pick<ExperimentSpec, 'variants' | 'drill' | 'overlap' | 'budget' | 'ttlMs'>;
  /** Those that are not over, of any number. */
  open: readonly CountedRun[];
  /** Those that had stacks in the last 24 hours and are over. */
  over: readonly CountedRun[];
  now: Date;
}

/** The span that a budget of stack-hours is for. */
export const BUDGET_DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;

/**
 * Whether a run begins. Only those before it count: numbers are given in order, each before this is asked, so that two
 * that begin at the same moment cannot both overlook, nor both wait for, the other. Whatever set of runs has stacks at a
 * time, the last of them was admitted with all others counted, which is how the budget holds.
 */
export function decideAdmission({ run, spec, open, over, now }: AdmissionQuestion): Admission {
  const before = open.filter((each) => each.run < run).toSorted((a, b) => a.run - b.run);
  const overlapping = decideOverlap(spec.overlap, before);
  if (overlapping) return overlapping;
  const because = findStacksExcess(spec, before) ?? findHoursExcess(spec, [...before, ...over], now);
  return because === undefined ? { kind: 'begin' } : { kind: 'skip', because };
}

function decideOverlap(overlap: ExperimentSpec['overlap'], before: readonly CountedRun[]): Admission | undefined {
  const [first, second] = before;
  // With a hand-over both go on until the later one has taken over: the budget counts both.
  if (!first || overlap === 'allow' || overlap === 'hand-over') return undefined;
  if (overlap === 'replace') return { kind: 'replace', runs: before.map(({ run }) => run) };
  if (overlap === 'buffer-one' && !second) return { kind: 'wait', behind: first.run };
  const waits = second ? `, and ${formatCount(before.length - 1, 'run waits', 'runs wait')} behind it` : '';
  return {
    kind: 'skip',
    because: `run ${first.run} goes on${waits}: with overlap ${overlap} this one does not take place`,
  };
}

function findStacksExcess(spec: AdmissionQuestion['spec'], before: readonly CountedRun[]) {
  const { budget } = spec;
  const needed = countStacks(spec);
  if (budget.stacks === undefined) return undefined;
  const held = sum(before.map(({ stacks }) => stacks));
  if (held + needed <= budget.stacks) return undefined;
  const others = held === 0 ? '' : ` beside ${held} of ${formatCount(before.length, 'other run', 'other runs')}`;
  return `it needs ${formatCount(needed, 'stack', 'stacks')}${others}, and its budget is ${budget.stacks} at the same time`;
}

function findHoursExcess(spec: AdmissionQuestion['spec'], others: readonly CountedRun[], now: Date) {
  const { budget, ttlMs } = spec;
  const stacks = countStacks(spec);
  const { stackHoursPerDay: most } = budget;
  if (most === undefined) return undefined;
  const spent = sum(others.map((each) => countStackHours(each, now)));
  const needed = (stacks * ttlMs) / HOUR_MS;
  // A tenth of a microsecond is no excess: these are sums of fractions.
  if (spent + needed <= most + 1e-9) return undefined;
  return (
    `it could take ${formatHours(needed)} (${formatCount(stacks, 'stack', 'stacks')} for its TTL), ` +
    `${formatHours(spent)} of the last 24 hours are spent or promised, and its budget is ${formatHours(most)} a day`
  );
}

/** Of the last 24 hours; what goes on counts as if it lasted as long as it may. */
function countStackHours({ stacks, heldFrom, heldTo, mayHoldMs }: CountedRun, now: Date): number {
  const start = now.getTime() - BUDGET_DAY_MS;
  if (heldTo === undefined) {
    const held = heldFrom === undefined ? 0 : now.getTime() - Math.max(start, Date.parse(heldFrom));
    return (stacks * (Math.max(0, held) + Math.max(0, mayHoldMs))) / HOUR_MS;
  }
  if (heldFrom === undefined) return 0;
  const held = Math.min(now.getTime(), Date.parse(heldTo)) - Math.max(start, Date.parse(heldFrom));
  return (stacks * Math.max(0, held)) / HOUR_MS;
}

/** What a budget counts of a run, by how it stands. */
export function countRun({ status, stacks }: { status: RunStatus; stacks: number }, now: Date): CountedRun {
  const { run, startedAt, deadlineAt, endedAt, phases } = status;
  const begun = phases.find(({ phase }) => phase === 'provision')?.startedAt;
  // A drill provisions again and again; its first stack came when it had its leases.
  const leasedAt = phases.find(({ phase }) => phase === 'lease')?.endedAt;
  const heldFrom = begun === undefined ? undefined : (leasedAt ?? begun);
  // Its time begins with its stacks: until then it is as long as it was to be.
  const from = heldFrom === undefined ? Date.parse(startedAt) : now.getTime();
  return {
    run,
    stacks,
    ...(heldFrom === undefined ? {} : { heldFrom }),
    ...(endedAt === undefined ? {} : { heldTo: endedAt }),
    mayHoldMs: Date.parse(deadlineAt) - from,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function formatCount(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** `1.5 stack-hours`. */
function formatHours(hours: number): string {
  const rounded = Number(hours.toFixed(2));
  return formatCount(rounded, 'stack-hour', 'stack-hours');
}
