import { Code, ConnectError } from '@connectrpc/connect';
import { refusal } from './errors.ts';

/** How Connect's errors about what it was sent begin, where it takes them for its own. */
const UNREADABLE = /^(parse binary: |received compressed envelope|decompression failed)/;

/**
 * Bytes that make no message are the caller's fault; Connect calls that an internal error. It aborts the call with the
 * error before it writes the answer, so the blame can be put right there, and nowhere else.
 */
export function blameCaller(signal: AbortSignal): void {
  const correct = (): void => {
    const error: unknown = signal.reason;
    if (!(error instanceof ConnectError) || error.code !== Code.Internal || !UNREADABLE.test(error.rawMessage)) return;
    const { code, details } = refusal('INVALID', error.rawMessage);
    Object.assign(error, { code, details });
  };
  signal.addEventListener('abort', correct, { once: true });
}
