import { type Refusal, createRefusal } from '../refusal.ts';
import type { Receipt } from './requests.ts';
import { type Answer, LIMITS, type ServiceState } from './state.ts';

/** What tells one request from another: its id, and what was asked for under it. */
export type Asking = Pick<Answer, 'requestId' | 'fingerprint'>;

/**
 * What was answered to this request id before; a refusal when it came with other content.
 * @param recorded what is recorded under the id, which may be older than all that the workflow carries
 */
export function findAnswer(
  state: ServiceState,
  { requestId, fingerprint }: Asking,
  recorded?: Answer,
): { answer: Answer } | { refusal: Refusal } | undefined {
  const answer = state.answered.findLast((each) => each.requestId === requestId) ?? recorded;
  if (!answer) return undefined;
  if (answer.fingerprint === fingerprint) return { answer };
  const led = answer.receipt ? ` (rollout ${answer.receipt.rollout})` : '';
  const message = `request id ${requestId} was used before with other content${led}`;
  return createRefusal('Conflict', message, 'use a new request id for a new request');
}

/** @param at ISO 8601 */
export function createAnswer({ requestId, fingerprint }: Asking, at: string, receipt?: Receipt): Answer {
  return { requestId, fingerprint, ...(receipt ? { receipt } : {}), at };
}

/** The state that knows of an answer. */
export function rememberAnswer(state: ServiceState, answer: Answer): ServiceState {
  return { ...state, answered: [...state.answered, answer].slice(-LIMITS.answered) };
}
