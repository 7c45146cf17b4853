/** What a hook says. `unanswered`: it said nothing that it could not say otherwise a moment later. */
export type HookStatusWord = 'succeeded' | 'failed' | 'in-progress' | 'unanswered';

export interface HookAnswer {
  status: HookStatusWord;
  /** In the hook's words, or why it gave none; at most {@link REASON_LIMIT} characters. */
  reason?: string;
  /** After which it wants to be asked again, in milliseconds. */
  retryAfterMs?: number;
}

/** What came back over HTTP. */
export interface HookResponse {
  status: number;
  body: string;
  location?: string;
  retryAfterMs?: number;
}

/** Characters of a reason that are kept: histories, records and screens carry it. */
export const REASON_LIMIT = 300;

const WORDS: readonly unknown[] = ['succeeded', 'failed', 'in-progress'];
const WANTED = '{"status": "succeeded", "failed" or "in-progress", "reason": "…"}';
/** Who answers so may answer otherwise soon (RFC 9110, RFC 6585, RFC 8470). */
const PASSING = new Set([408, 425, 429]);

/**
 * What a hook has answered. Only what says so succeeded: a page that some proxy has put in its place is no pass. Nothing
 * else than 204, which has no body by its nature.
 */
export function readHookAnswer(response: HookResponse): HookAnswer {
  const { status, retryAfterMs } = response;
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status >= 500 || PASSING.has(status)) {
    return { status: 'unanswered', reason: clipReason(`it answered ${status}${quote(response.body)}`), ...later };
  }
  if (status < 200 || status > 299) return { status: 'failed', reason: describeRefusal(response) };
  if (status === 204) return { status: 'succeeded' };
  const said = readJson(response.body);
  if (said === undefined || !WORDS.includes(said.status)) {
    const found = response.body.trim() === '' ? ' with nothing' : quote(response.body);
    return { status: 'failed', reason: clipReason(`it answered ${status}${found}, where ${WANTED} is expected`) };
  }
  const { status: word, reason } = said as { status: Exclude<HookStatusWord, 'unanswered'>; reason?: unknown };
  const words = typeof reason === 'string' && reason.trim() !== '' ? { reason: clipReason(reason.trim()) } : {};
  return { status: word, ...words, ...(word === 'in-progress' ? later : {}) };
}

function describeRefusal({ status, body, location }: HookResponse): string {
  const led = location === undefined ? '' : ` and leads to ${location}, which is not followed`;
  return clipReason(`it answered ${status}${led}${quote(body)}`);
}

function quote(body: string): string {
  return body.trim() === '' ? '' : `: ${body.trim()}`;
}

function readJson(body: string): Record<string, unknown> | undefined {
  try {
    const said = JSON.parse(body) as unknown;
    return typeof said === 'object' && said !== null && !Array.isArray(said)
      ? (said as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** One line of printable text, cut where it is too long. */
export function clipReason(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').toWellFormed();
  return line.length <= REASON_LIMIT ? line : `${line.slice(0, REASON_LIMIT - 1).toWellFormed()}…`;
}
