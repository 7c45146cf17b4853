import { ApplicationFailure } from '@temporalio/workflow';
import { readCommandRef } from '../../domain/service/messages.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { BEGIN_MS, BUSY, type RequestMeta, type CommandRef } from '../../domain/service/requests.ts';

type Expiring = Pick<RequestMeta, 'expiresAt'>;

/** For people who find an update in the Temporal UI. */
export const RECORDED_COMMAND = 'Not for people: names a command that a gateway has recorded. Use the CLI or the API.';

/** More than a request may be given, by a gateway whose clock is right to within two seconds. */
const FARTHEST_MS = BEGIN_MS + 2_000;

/** The one argument that updates take. Refused here a command leaves no trace in the history. */
export function requireOnTime(ref: CommandRef): void {
  if (!readCommandRef(ref)) {
    const message = 'this takes the name of a command that a gateway has recorded: {command, expiresAt}';
    throw ApplicationFailure.create({ type: 'Invalid', message, nonRetryable: true });
  }
  refuseExpired(ref);
}

/**
 * Before a request is accepted: refused here it leaves no trace. One that would expire later than any may comes from a
 * gateway whose clock is fast: its caller would be told that nothing was started while it still could be.
 */
function refuseExpired(ref: Expiring): void {
  refuseLate(ref);
  if (ref.expiresAt !== undefined && Date.parse(ref.expiresAt) > Date.now() + FARTHEST_MS)
    throw createExpiredFailure(ref);
}

/** Nobody waits for the answer any more, and the caller was told that nothing was started. */
export function refuseLate(change: Expiring): void {
  if (isLate(change)) throw createExpiredFailure(change);
}

/** @param now in milliseconds */
export function isLate({ expiresAt }: Expiring, now = Date.now()): boolean {
  return expiresAt !== undefined && now > Date.parse(expiresAt);
}

export function createExpiredFailure({ expiresAt = '' }: Expiring): ApplicationFailure {
  const message = `the request was not to be begun after ${expiresAt}`;
  // The gateway may have to learn what time it is here.
  const details = [{ clock: new Date().toISOString() }];
  return ApplicationFailure.create({ type: 'Expired', message, nonRetryable: true, details });
}

/** A step is made at this moment, and is over in another one. */
export function createBusyFailure(): ApplicationFailure {
  const message = 'a step is just being made, which takes some milliseconds: ask once more';
  return ApplicationFailure.create({ type: BUSY, message, nonRetryable: true });
}

/** A refusal as the caller gets it. */
export function toFailure({ type, message, suggestion }: Refusal): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ suggestion }] });
}
