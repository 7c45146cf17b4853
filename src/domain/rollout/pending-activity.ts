/**
 * How an activity stands:
 * - `waiting`: it is to be carried out, and no worker with a free place has taken it.
 * - `running`: a worker carries it out.
 * - `retrying`: an attempt failed, the next one follows after a pause.
 * - `paused`: somebody paused it in Temporal.
 */
export const ACTIVITY_STATES = ['waiting', 'running', 'retrying', 'paused'] as const;
export type ActivityState = (typeof ACTIVITY_STATES)[number];

/** One activity of a rollout that is not over: nothing that takes its time does so in silence (invariant 7). */
export interface PendingActivity {
  /** `provision`, `check answers`. */
  name: string;
  state: ActivityState;
  /** Since when it stands so, ISO 8601. */
  since: string;
  /** The attempt that runs, or comes next. */
  attempt: number;
  /** What the attempt before ended with. */
  lastError?: string;
  nextAttemptAt?: string;
  /** When it is given up. Absent where it is tried on until it works. */
  until?: string;
  /** While it waits: why no worker takes it, and what helps, where that is known. */
  because?: string;
  /** What the running attempt told last. */
  latest?: string;
}

/** How far a check is; what it tells while it runs. */
export interface CheckProgress {
  attempts: number;
  passed: number;
  evidence: string;
}

export function checkProgressText({ attempts, passed, evidence }: CheckProgress): string {
  return `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}, ${passed} passed; latest: ${evidence}`;
}

/** Writes a moment down for who reads it. */
export type Clock = (time: string) => string;

/**
 * The activity as a sentence without its full stop; all that a person needs to know about it.
 *
 * @param isAbortable whether the rollout that carries it out takes `abort` now
 */
export function describeActivity(activity: PendingActivity, clock: Clock, isAbortable: boolean): string {
  const { name, state, since, attempt, latest } = activity;
  const failed = activity.lastError === undefined ? '' : `; the attempt before failed: ${activity.lastError}`;
  switch (state) {
    case 'running':
      return attempt === 1 && latest !== undefined
        ? `${name}: ${latest}`
        : `${name} runs since ${clock(since)}${attempt > 1 ? ` in attempt ${attempt}` : ''}${latest === undefined ? '' : `: ${latest}`}${failed}`;
    case 'waiting':
      return `${name} waits since ${clock(since)} ${waitsFor(activity)}${isAbortable ? ', or ends with abort' : ''}${failed}`;
    case 'retrying':
      return `${name} failed in attempt ${attempt - 1}: ${activity.lastError ?? 'nobody knows why'}; ${next(activity, clock)}${isAbortable ? '; abort ends it' : ''}`;
    case 'paused':
      return `${name} was paused in Temporal; unpause it there${failed}`;
  }
}

function waitsFor({ name, because }: PendingActivity): string {
  if (because !== undefined) return `for a worker: ${because}`;
  return `for a worker with a free place${place(name)}; it begins as soon as there is one`;
}

function next({ attempt, nextAttemptAt, until }: PendingActivity, clock: Clock): string {
  const when = nextAttemptAt === undefined ? 'at once' : `at ${clock(nextAttemptAt)}`;
  const limit = until === undefined ? 'until it works' : `until ${clock(until)} at the latest`;
  return `attempt ${attempt} follows ${when}, and others ${limit}`;
}

/** Engine operations at once in one worker; each runs a CLI and what it starts, and more make every one of them slower. */
export const ENGINE_PLACES = 8;

function place(name: string): string {
  const isEngine = name.startsWith('provision') || name.startsWith('destroy');
  return isEngine ? ` (${ENGINE_PLACES} stacks are made or destroyed at once by one)` : '';
}

/** As a sentence begins. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
