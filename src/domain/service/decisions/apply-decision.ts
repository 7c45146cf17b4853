import { withoutHold } from '../../rollback/hold.ts';
import { rememberAnswer } from '../answers.ts';
import { type Answer, type Entry, type ServiceState, applyPutBack } from '../state.ts';
import { findSuperseded } from '../superseding.ts';
import type { Decision } from './decision.ts';

/** The state once a decision is taken and was answered. The rollouts that it supersedes are still in it. */
export function applyDecision(
  state: ServiceState,
  decision: Exclude<Decision, { kind: 'refused' }>,
  answer: Answer,
): ServiceState {
  const next = rememberAnswer(state, answer);
  if (decision.kind === 'answered') {
    const due = decision.changes && answer.at !== undefined ? { settingsDue: answer.at } : {};
    return decision.spec ? { ...next, spec: decision.spec, ...due } : next;
  }
  const { entry, spec, lifts } = decision;
  const { running } = findSuperseded(state, entry);
  const queue = [...next.queue, entry];
  const holds = lifts ? { holds: withoutHold(next.holds ?? [], lifts.release) } : {};
  const after = { ...reserveNumbers(next, entry), ...holds, spec, removed: false, queue };
  return running ? applyPutBack(after, { rollout: running.number, stage: 'asked' }) : after;
}

/** The state in which a rollout's numbers are not given again. */
export function reserveNumbers(state: ServiceState, { number, revision, baseline }: Entry): ServiceState {
  return { ...state, lastRollout: number, lastRevision: baseline ?? revision?.number ?? state.lastRevision };
}

/** The state in which a rollout waits no longer. */
export function removeFromQueue(state: ServiceState, number: number): ServiceState {
  return { ...state, queue: state.queue.filter((each) => each.number !== number) };
}
