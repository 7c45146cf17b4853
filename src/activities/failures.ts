import { ApplicationFailure } from '@temporalio/common';

/** Failure types that workflows tell apart. */
export type FailureType =
  | 'InvalidRevision'
  | 'CheckFailed'
  | 'StackFailed'
  | 'BlueprintMissing'
  | 'RouteRefused'
  | 'RouteChanged'
  | 'RecordRefused'
  | 'Conflict'
  | 'ChangesStopped'
  | 'NotFound'
  | 'NotRecorded'
  | 'InUse'
  | 'Expired'
  | 'Unavailable'
  | 'LeaseOver'
  | 'OtherHost'
  | 'Unfinished';

/** The next attempt would end the same way. */
export function createPermanentFailure(type: FailureType, message: string, ...details: unknown[]): ApplicationFailure {
  return ApplicationFailure.create({ type, message: clip(message), nonRetryable: true, details });
}

/** The next attempt may succeed. */
export function createPassingFailure(type: FailureType, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({ type, message: clip(message), ...(cause instanceof Error ? { cause } : {}) });
}

/** Histories and summaries carry a message, not a log. */
function clip(message: string): string {
  return message.length <= 2000 ? message : `${message.slice(0, 1999)}…`;
}
