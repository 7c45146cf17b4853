import { Code, ConnectError } from '@connectrpc/connect';
import { BadRequestSchema, ErrorInfoSchema } from '../gen/google/rpc/error_details_pb.ts';
import { ApiError, type ApiErrorReason } from './api.ts';

/** What a gateway says, as clients know it. */
const REASONS: Partial<Record<string, ApiErrorReason>> = {
  INVALID: 'INVALID',
  NOT_FOUND: 'NOT_FOUND',
  REFUSED: 'REFUSED',
  CONFLICT: 'CONFLICT',
  UNAVAILABLE: 'UNAVAILABLE',
  UNAUTHENTICATED: 'REFUSED',
  FORBIDDEN: 'REFUSED',
};

/** What gRPC says where a gateway said nothing of its own: it could not be reached, or is another one than expected. */
const BY_CODE: Partial<Record<Code, ApiErrorReason>> = {
  [Code.InvalidArgument]: 'INVALID',
  [Code.ResourceExhausted]: 'INVALID',
  [Code.NotFound]: 'NOT_FOUND',
  [Code.Unauthenticated]: 'REFUSED',
  [Code.PermissionDenied]: 'REFUSED',
  [Code.Unavailable]: 'UNAVAILABLE',
  [Code.DeadlineExceeded]: 'UNAVAILABLE',
  [Code.Canceled]: 'UNAVAILABLE',
  [Code.Aborted]: 'UNAVAILABLE',
};

/** Whatever a call failed with, as the one kind of error a client throws. */
export function remoteError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const failed = ConnectError.from(error);
  const [info] = failed.findDetails(ErrorInfoSchema);
  const [bad] = failed.findDetails(BadRequestSchema);
  const reason = REASONS[info?.reason ?? ''] ?? BY_CODE[failed.code] ?? 'INTERNAL';
  const suggestion = info ? info.metadata.suggestion : suggestionFor(reason);
  const faults = bad?.fieldViolations.map(({ field: path, description: message }) => ({ path, message }));
  return new ApiError(reason, info ? failed.rawMessage : `the gateway: ${failed.rawMessage}`, {
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(faults ? { faults } : {}),
    cause: error,
  });
}

function suggestionFor(reason: ApiErrorReason): string | undefined {
  if (reason !== 'UNAVAILABLE') return undefined;
  return 'does the gateway run there? Repeating a request with the same request id is safe';
}
