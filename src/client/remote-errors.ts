import { Code, ConnectError } from '@connectrpc/connect';
import { BadRequestSchema, ErrorInfoSchema } from '../contract/gen/google/rpc/error_details_pb.ts';
import { ApiError, type ApiErrorReason } from '../contract/supplant-client.ts';

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
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const failed = ConnectError.from(error);
  const [info] = failed.findDetails(ErrorInfoSchema);
  const [bad] = failed.findDetails(BadRequestSchema);
  const reason = REASONS[info?.reason ?? ''] ?? (isUnheard(error) ? 'UNAVAILABLE' : BY_CODE[failed.code]) ?? 'INTERNAL';
  const suggestion = info ? info.metadata.suggestion : suggestionFor(reason);
  const progress = info?.metadata.progress;
  const faults = bad?.fieldViolations.map(({ field: path, description: message }) => ({ path, message }));
  return new ApiError(reason, info ? failed.rawMessage : `the gateway: ${failed.rawMessage}`, {
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(progress === undefined ? {} : { progress }),
    ...(faults ? { faults } : {}),
    cause: error,
  });
}

/** How Node says that a connection was going away before the request was looked at (RFC 9113, 8.7: it may be repeated). */
const UNHEARD = ['NGHTTP2_REFUSED_STREAM', 'ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_INVALID_SESSION'];

/** A gateway that is being restarted refuses what comes too late; Connect calls that an internal error. */
function isUnheard(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return UNHEARD.some((sign) => code === sign || error.message.endsWith(sign)) || isUnheard(error.cause);
}

function suggestionFor(reason: ApiErrorReason): string | undefined {
  if (reason !== 'UNAVAILABLE') return undefined;
  return 'does the gateway run there? Repeating a request with the same request id is safe';
}
