import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { createRefusalError } from '../errors.ts';

/** How Connect's errors about what it was sent begin, where it takes them for its own. */
const UNREADABLE = /^(parse binary: |received compressed envelope|decompression failed)/;

/** What Connect hands to a request gate; its type does not tell of `abort`. */
type AbortableContext = HandlerContext & { abort(reason?: unknown): void };

/**
 * Bytes that make no message are the caller's fault; Connect calls that an internal error. It aborts the call with the
 * error before it writes the answer, so the blame can be put right there. Not by the call's signal: a call whose deadline
 * has passed was aborted already.
 */
export function blameCaller(context: HandlerContext): void {
  const controller = context as AbortableContext;
  const abort = controller.abort.bind(controller);
  controller.abort = (reason) => {
    correct(reason);
    abort(reason);
  };
}

function correct(error: unknown): void {
  if (!(error instanceof ConnectError) || error.code !== Code.Internal || !UNREADABLE.test(error.rawMessage)) return;
  const { code, details } = createRefusalError('INVALID', error.rawMessage);
  Object.assign(error, { code, details });
}
