import { randomUUID } from 'node:crypto';
import { type DescMessage, type MessageInitShape, create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { ApiError, type ApiErrorReason } from '../contract/supplant-client.ts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from '../contract/gen/google/rpc/error_details_pb.ts';
import { UnauthenticatedError } from './auth/authenticator.ts';
import { omitUndefined } from '../contract/convert/given.ts';
import { fitFaults, fitMessage } from './fit-header.ts';
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
const LONGEST_METADATA = 500;

interface Detail<Desc extends DescMessage = DescMessage> {
  desc: Desc;
  value: MessageInitShape<Desc>;
}

function detail<Desc extends DescMessage>(desc: Desc, value: MessageInitShape<Desc>): Detail {
  return { desc, value: create(desc, value) };
}

/** An error as https://google.aip.dev/193 wants it. No other file makes one. */
export function createRefusalError(
  reason: Reason,
  text: string,
  more: {
    suggestion?: string;
    progress?: string;
    faults?: { path: string; message: string }[];
    subject?: string;
    cause?: unknown;
  } = {},
): ConnectError {
  const { suggestion, progress, faults = [], subject = '', cause } = more;
  const message = fitMessage(text);
  const metadata = omitUndefined({ suggestion: inHeader(suggestion), progress: inHeader(progress) });
  const details = [detail(ErrorInfoSchema, { reason, domain: ERROR_DOMAIN, metadata })];
  if (faults.length > 0) {
    const fieldViolations = fitFaults(faults).map(({ path, message: description }) => ({ field: path, description }));
    details.push(detail(BadRequestSchema, { fieldViolations }));
  }
  if (reason === 'REFUSED') {
    const violations = [{ type: 'STATE', subject, description: message }];
    details.push(detail(PreconditionFailureSchema, { violations }));
  }
  if (reason === 'UNAVAILABLE') details.push(detail(RetryInfoSchema, { retryDelay: durationFromMs(RETRY_MS) }));
  return new ConnectError(message, CODES[reason], undefined, details, cause);
}

function inHeader(text: string | undefined): string | undefined {
  return text?.slice(0, LONGEST_METADATA).toWellFormed();
}

/** Whatever went wrong, as what the caller is told. What nobody foresaw is logged under an id, and only that is told. */
export function toConnectError(error: unknown, log: Log, subject = ''): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof UnauthenticatedError) return createRefusalError('UNAUTHENTICATED', error.message);
  if (error instanceof ApiError && error.reason !== 'INTERNAL') {
    const { reason, message, suggestion, progress, faults } = error;
    return createRefusalError(reason, message, {
      ...omitUndefined({ suggestion, progress }),
      faults,
      subject,
      cause: error,
    });
  }
  const id = randomUUID();
  log.error(`internal error ${id}`, error);
  return createRefusalError('INTERNAL', `internal error; the gateway's log has it under ${id}`);
}
