import { fingerprint } from './fingerprint.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { Note, Request, Ticket } from './requests.ts';
import type { Answer, ServiceState } from './service-state.ts';

/**
 * Request ids are remembered for a day at least, and the latest 500 for longer; but never more than 3,000, which is what
 * still fits well into what a workflow may carry.
 */
export const REMEMBERED = { leastMs: 24 * 60 * 60 * 1000, latest: 500, most: 3_000 };

/** What was answered to this request id before; a refusal when it came with other content. */
export function answeredBefore(
  state: ServiceState,
  asked: Request | Note,
  requestId: string,
): { answer: Answer } | { refusal: Refusal } | undefined {
  const answer = state.answered.find((each) => each.requestId === requestId);
  if (!answer) return undefined;
  if (answer.fingerprint === fingerprint(asked)) return { answer };
  const led = answer.ticket ? ` (rollout ${answer.ticket.rollout})` : '';
  const message = `request id ${requestId} was used before with other content${led}`;
  return refusal('Conflict', message, 'use a new request id for a new request');
}

/** @param at ISO 8601 */
export function answerTo(asked: Request | Note, requestId: string, at: string, ticket?: Ticket): Answer {
  return { requestId, fingerprint: fingerprint(asked), ...(ticket ? { ticket } : {}), at };
}

/** The state that knows of an answer given at `now`, ISO 8601. */
export function remembering(state: ServiceState, answer: Answer, now: string): ServiceState {
  return { ...state, answered: remembered([...state.answered, answer], now) };
}

/** What of the answers, latest last, is still remembered at `now`, ISO 8601. */
export function remembered(answered: Answer[], now: string): Answer[] {
  const since = new Date(Date.parse(now) - REMEMBERED.leastMs).toISOString();
  const always = answered.length - REMEMBERED.latest;
  return answered.filter(({ at = now }, index) => index >= always || at >= since).slice(-REMEMBERED.most);
}
