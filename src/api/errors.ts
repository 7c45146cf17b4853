import { randomUUID } from 'node:crypto';
import { type DescMessage, type MessageInitShape, create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { ApiError, type ApiErrorReason } from '../client/api.ts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from '../gen/google/rpc/error_details_pb.ts';
import { UnauthenticatedError } from './authenticator.ts';
import { given } from './convert/given.ts';
import type { Log } from './log.ts';

/** `ErrorInfo.domain` of every error of this API. */
export const ERROR_DOMAIN = 'supplant.dev';

/** `ErrorInfo.reason`. */
export type Reason = ApiErrorReason | 'UNAUTHENTICATED' | 'FORBIDDEN';

const CODES: Record<Reason, Code> = {
  INVALID: Code.InvalidArgument,
  NOT_FOUND: Code.NotFound,
  REFUSED: Code.FailedPrecondition,
  CONFLICT: Code.AlreadyExists,
  UNAVAILABLE: Code.Unavailable,
  INTERNAL: Code.Internal,
  UNAUTHENTICATED: Code.Unauthenticated,
  FORBIDDEN: Code.PermissionDenied,
};

/** When it makes sense to ask again after an UNAVAILABLE, in milliseconds. */
const RETRY_MS = 1000;
/** Metadata travels in a header, which has limits. */
const LONGEST_SUGGESTION = 500;

interface Detail<Desc extends DescMessage = DescMessage> {
  desc: Desc;
  value: MessageInitShape<Desc>;
}

function detail<Desc extends DescMessage>(desc: Desc, value: MessageInitShape<Desc>): Detail {
  return { desc, value: create(desc, value) };
}

/** An error as https://google.aip.dev/193 wants it. No other file makes one. */
export function refusal(
  reason: Reason,
  text: string,
  more: { suggestion?: string; faults?: { path: string; message: string }[]; subject?: string; cause?: unknown } = {},
): ConnectError {
  const { suggestion, faults = [], subject = '', cause } = more;
  // What a caller sent may be quoted and cut in the middle of a character, which no header can carry.
  const message = text.toWellFormed();
  const metadata = given({ suggestion: suggestion?.slice(0, LONGEST_SUGGESTION).toWellFormed() });
  const details = [detail(ErrorInfoSchema, { reason, domain: ERROR_DOMAIN, metadata })];
  if (faults.length > 0) {
    const fieldViolations = faults.map(({ path, message: description }) => ({
      field: path.toWellFormed(),
      description: description.toWellFormed(),
    }));
    details.push(detail(BadRequestSchema, { fieldViolations }));
  }
  if (reason === 'REFUSED') {
    const violations = [{ type: 'STATE', subject, description: message }];
    details.push(detail(PreconditionFailureSchema, { violations }));
  }
  if (reason === 'UNAVAILABLE') details.push(detail(RetryInfoSchema, { retryDelay: durationFromMs(RETRY_MS) }));
  return new ConnectError(message, CODES[reason], undefined, details, cause);
}

/** Whatever went wrong, as what the caller is told. What nobody foresaw is logged under an id, and only that is told. */
export function connectError(error: unknown, log: Log, subject = ''): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof UnauthenticatedError) return refusal('UNAUTHENTICATED', error.message);
  if (error instanceof ApiError && error.reason !== 'INTERNAL') {
    const { reason, message, suggestion, faults } = error;
    return refusal(reason, message, { ...given({ suggestion }), faults, subject, cause: error });
  }
  const id = randomUUID();
  log.error(`internal error ${id}`, error);
  return refusal('INTERNAL', `internal error; the gateway's log has it under ${id}`);
}
