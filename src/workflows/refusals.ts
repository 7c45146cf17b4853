import { ApplicationFailure } from '@temporalio/workflow';
import { BEGIN_MS, type Change } from '../domain/requests.ts';
import type { Refusal } from '../domain/refusal.ts';

/** More than a request may be given, by a gateway whose clock is right to within two seconds. */
const FARTHEST_MS = BEGIN_MS + 2_000;

/**
 * Before a request is accepted: refused here it leaves no trace. One that would expire later than any may comes from a
 * gateway whose clock is fast: its caller would be told that nothing was started while it still could be.
 */
export function onTime({ change }: { change: Change }): void {
  refuseLate(change);
  if (change.expiresAt !== undefined && Date.parse(change.expiresAt) > Date.now() + FARTHEST_MS) throw expired(change);
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
  // The gateway may have to learn what time it is here.
  const details = [{ clock: new Date().toISOString() }];
  return ApplicationFailure.create({ type: 'Expired', message, nonRetryable: true, details });
}

/** A refusal as the caller gets it. */
export function failureOf({ type, message, suggestion }: Refusal): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ suggestion }] });
}
