/** One call of somebody else's webhook: a POST of JSON that is signed as Standard Webhooks has it. */
export interface HookCall {
  /** `http:` or `https:`, without credentials. */
  url: string;
  /** Where the secret is that signs it, as a reference: `env:HOOK_SECRET`. */
  secret: string;
  /** Sent as `webhook-id`. The same for every repeat of a call, so that its receiver can tell one. No full stop in it. */
  id: string;
  /** What is sent; it must hold no secret. */
  body: object;
  /** For the whole of the call, in milliseconds, names and connection included. */
  timeoutMs: number;
}

/** What came back. Whatever its status says is for the caller to judge. */
export interface HookReply {
  status: number;
  /** At most {@link MOST_ANSWER_BYTES}, with the secret taken out of it. */
  body: string;
  /** Where a redirect leads. None is followed. */
  location?: string;
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs?: number;
}

/** Larger answers are refused: a status and a reason fit, whatever stands around them. */
export const MOST_ANSWER_BYTES = 64 * 1024;

/** Nobody answered, or not in time; or the secret cannot be had now. Another attempt may do better. */
export class HookUnavailableError extends Error {
  override readonly name = 'HookUnavailableError';
}

/** The call is one that is not made, or its answer one that is not read. Another attempt does no better. */
export class HookRefusedError extends Error {
  override readonly name = 'HookRefusedError';
}

/** Calls webhooks. */
export interface HookCaller {
  /**
   * @throws HookUnavailableError
   * @throws HookRefusedError
   * @throws what `signal` was aborted with
   */
  call(call: HookCall, signal?: AbortSignal): Promise<HookReply>;
}
