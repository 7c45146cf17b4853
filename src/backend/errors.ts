import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { AuditUnavailableError } from '../audit/store.ts';
import { ApiError, type ApiErrorReason } from '../client/api.ts';

/** Carries out `ask`; whatever it fails with comes as an ApiError. */
export async function guarded<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw apiError(error);
  }
}

/** The types that the service and rollout workflows refuse with. */
const REASONS: Record<string, ApiErrorReason> = {
  Invalid: 'INVALID',
  NotFound: 'NOT_FOUND',
  Refused: 'REFUSED',
  Conflict: 'CONFLICT',
  Expired: 'UNAVAILABLE',
  Unavailable: 'UNAVAILABLE',
};

const NO_WORKER = 'is a worker running? `supplant dev` runs one; its log is logs/worker.log in the data folder';

const REPEAT = 'Repeating a request with the same request id is safe';

/** Whatever went wrong, as the one kind of error a client throws. */
export function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (isCutOff(error)) return cutOff(error);
  if (error instanceof WorkflowUpdateFailedError) return refusal(error.cause) ?? internal(error.cause ?? error);
  if (error instanceof WorkflowNotFoundError) return new ApiError('NOT_FOUND', error.message, { cause: error });
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

function noAnswer(cause: unknown): ApiError {
  return new ApiError('UNAVAILABLE', 'no worker answered in time', {
    suggestion: `${NO_WORKER}. ${REPEAT}`,
    cause,
  });
}

/** gRPC's DEADLINE_EXCEEDED, CANCELLED and UNAVAILABLE; also a query that finds no worker (FAILED_PRECONDITION). */
function grpcError(error: unknown): 'late' | 'unreachable' | undefined {
  const cause = error instanceof ServiceError ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return undefined;
  const code = isGrpcServiceError(cause) ? (cause.code as number) : undefined;
  if (code === 4 || code === 1 || code === 9) return 'late';
  return code === 14 || /connect|UNAVAILABLE/i.test(cause.message) ? 'unreachable' : undefined;
}

function internal(error: unknown): ApiError {
  return new ApiError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}
