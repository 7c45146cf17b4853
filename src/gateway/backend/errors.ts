import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { AuditUnavailableError } from '../../store/audit/store.ts';
import { AnotherStoreError } from '../../temporal/namespace-owner.ts';
import { BUSY } from '../../domain/service/requests.ts';
import { ApiError, type ApiErrorReason } from '../../contract/supplant-client.ts';
import { GRPC, readGrpcCode } from './grpc.ts';

/** Carries out `ask`; whatever it fails with comes as an ApiError. */
export async function withApiErrors<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw toApiError(error);
  }
}

/** The types that the service and rollout workflows refuse with. */
const REASONS: Record<string, ApiErrorReason> = {
  Invalid: 'INVALID',
  NotFound: 'NOT_FOUND',
  NotRecorded: 'REFUSED',
  Refused: 'REFUSED',
  Conflict: 'CONFLICT',
  Expired: 'UNAVAILABLE',
  [BUSY]: 'UNAVAILABLE',
  Unavailable: 'UNAVAILABLE',
  Unfinished: 'UNAVAILABLE',
};

const NO_WORKER = 'is a worker running? `supplant dev` runs one; its log is logs/worker.log in the data folder';

const REPEAT = 'Repeating a request with the same request id is safe';

/** Whatever went wrong, as the one kind of error a client throws. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (isCutOff(error)) return cutOff(error);
  if (isFailing(error)) return failing(error);
  if (isDiscarded(error)) return discarded(error);
  if (error instanceof WorkflowUpdateFailedError) return refusal(error.cause) ?? internal(error.cause ?? error);
  if (error instanceof WorkflowNotFoundError) return new ApiError('NOT_FOUND', error.message, { cause: error });
  if (error instanceof AnotherStoreError) return new ApiError('REFUSED', error.message, { cause: error });
  if (error instanceof AuditUnavailableError) return new ApiError('UNAVAILABLE', error.message, { cause: error });
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return noAnswer(error);
  const grpc = grpcError(error);
  if (grpc === 'unreachable') {
    const suggestion = 'is `supplant dev` running?';
    return new ApiError('UNAVAILABLE', 'Temporal cannot be reached', { suggestion, cause: error });
  }
  return grpc === 'late' ? noAnswer(error) : internal(error);
}

/**
 * Whether a workflow came to its end before it answered, as one does that somebody terminates. What was asked may be on
 * record all the same.
 */
export function isCutOff(error: unknown): boolean {
  if (error instanceof ApiError || error instanceof ServiceError) return isCutOff(error.cause);
  if (error instanceof WorkflowUpdateFailedError) {
    return error.cause instanceof ApplicationFailure && error.cause.type === 'AcceptedUpdateCompletedWorkflow';
  }
  return isGrpcServiceError(error) && error.message.includes('aborted by closing workflow');
}

/**
 * Whether the server discarded the workflow's task that a request was in, as it does where a run would end while
 * something else came in: the request was neither taken nor refused, and the server does not deliver it again.
 */
export function isDiscarded(error: unknown): boolean {
  return isOfServer(error, 'unexpected workflow task failure') || isFailing(error);
}

/** Whether it came in the moment in which the workflow that was asked made a step: it was neither taken nor refused. */
export function isBusy(error: unknown): boolean {
  if (error instanceof ApplicationFailure) return error.type === BUSY;
  return (error instanceof ApiError || error instanceof WorkflowUpdateFailedError) && isBusy(error.cause);
}

/**
 * Whether the server took no request, since the last tasks of its workflow failed: from the third in a row on
 * (`failUpdateWorkflowTaskAttemptCount`, server 1.29). Discarded ones count, and so do those of a workflow that throws.
 */
function isFailing(error: unknown): boolean {
  return isOfServer(error, 'Workflow Task in failed state');
}

function isOfServer(error: unknown, words: string): boolean {
  if (error instanceof ApiError || error instanceof ServiceError) return isOfServer(error.cause, words);
  return isGrpcServiceError(error) && error.message.includes(words);
}

function discarded(cause: unknown): ApiError {
  const message = 'the service was busy with what else came in, and did not take the request';
  return new ApiError('UNAVAILABLE', message, { suggestion: REPEAT, cause });
}

function failing(cause: unknown): ApiError {
  const message = 'the workflow that was asked took nothing: it failed in its worker several times in a row';
  const suggestion = `the worker's log and the workflow in the Temporal UI say with what. ${REPEAT}`;
  return new ApiError('UNAVAILABLE', message, { suggestion, cause });
}

function cutOff(cause: unknown): ApiError {
  return new ApiError('UNAVAILABLE', 'the workflow that was asked has come to its end before it answered', {
    suggestion: REPEAT,
    cause,
  });
}

function refusal(cause: unknown): ApiError | undefined {
  // What a step of the service's workflow was refused for comes within the step's failure.
  if (cause instanceof ActivityFailure) return refusal(cause.cause);
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const reason = REASONS[cause.type ?? ''];
  if (!reason) return undefined;
  if (cause.type === 'Expired') return tooLate(cause);
  if (cause.type === 'Unfinished') return unfinished(cause);
  const [more] = (cause.details ?? []) as [{ suggestion?: string; faults?: { path: string; message: string }[] }?];
  return new ApiError(reason, reason === 'INVALID' ? 'the service cannot be released like this' : cause.message, {
    ...(more?.suggestion === undefined ? {} : { suggestion: more.suggestion }),
    ...(more?.faults === undefined ? {} : { faults: more.faults }),
    cause,
  });
}

/** Refused by the service's workflow, which got to it when its caller was to have been told already. */
function tooLate(cause: unknown): ApiError {
  return new ApiError('UNAVAILABLE', 'no worker took the request in time, and nothing was started', {
    suggestion: 'try again. If it stays so, look into the worker’s log, and whether its clock is right',
    cause,
  });
}

/** It goes on, for anyone who asks again. */
function unfinished(cause: ApplicationFailure): ApiError {
  return new ApiError('UNAVAILABLE', `${cause.message}; nothing is started yet`, {
    suggestion:
      'repeat the request with the same request id within 30 s: it goes on meanwhile, and ends when nobody does',
    progress: cause.message,
    cause,
  });
}

function noAnswer(cause: unknown): ApiError {
  return new ApiError('UNAVAILABLE', 'no worker answered in time', {
    suggestion: `${NO_WORKER}. ${REPEAT}`,
    cause,
  });
}

/** Nobody in time: also a query that finds no worker. */
function grpcError(error: unknown): 'late' | 'unreachable' | undefined {
  const cause = error instanceof ServiceError ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return undefined;
  const code = readGrpcCode(error);
  if (code === GRPC.late || code === GRPC.cancelled || code === GRPC.precondition) return 'late';
  return code === GRPC.unavailable || /connect|UNAVAILABLE/i.test(cause.message) ? 'unreachable' : undefined;
}

function internal(error: unknown): ApiError {
  return new ApiError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}
