import { ApplicationFailure } from '@temporalio/workflow';
import type { Change } from '../domain/requests.ts';
import type { Refusal } from '../domain/refusal.ts';

/** Before a request is accepted: refused here it leaves no trace. */
export function onTime({ change }: { change: Change }): void {
  refuseLate(change);
}

/** Nobody waits for the answer any more, and the caller was told that nothing was started. */
export function refuseLate(change: Change): void {
  if (isLate(change)) throw expired(change);
}

export function isLate({ expiresAt }: Change): boolean {
  return expiresAt !== undefined && Date.now() > Date.parse(expiresAt);
}

export function expired({ expiresAt = '' }: Change): ApplicationFailure {
  const message = `the request was not to be begun after ${expiresAt}`;
  return ApplicationFailure.create({ type: 'Expired', message, nonRetryable: true });
}

/** A refusal as the caller gets it. */
export function failureOf({ type, message, suggestion }: Refusal): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ suggestion }] });
}
