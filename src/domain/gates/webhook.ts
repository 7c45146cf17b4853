/** What a webhook has said of a gate. Where it could not be asked, or not be understood, the gate is closed. */
export interface WebhookAnswer {
  state: 'open' | 'closed' | 'refused';
  because: string;
}

/** Characters of a reason that are kept: histories, records and screens carry it. */
const MOST_OF_REASON = 300;

const WANTED = '{"state": "open", "closed" or "refused", "reason": "…"}';

/**
 * Reads an answer. Only one that says open opens a gate: neither a page that a proxy has put in its place, nor an empty one.
 */
export function readWebhookAnswer({ status, body }: { status: number; body: string }): WebhookAnswer {
  const quoted = body.trim() === '' ? '' : `: ${body}`;
  if (status < 200 || status > 299) return closed(`it answered ${status}${quoted}`);
  const said = readJson(body);
  const { state, reason } = said ?? {};
  if (state !== 'open' && state !== 'closed' && state !== 'refused') {
    return closed(`it answered ${status}${quoted === '' ? ' with nothing' : quoted}, where ${WANTED} is expected`);
  }
  const given = typeof reason === 'string' && reason.trim() !== '';
  return { state, because: clip(given ? reason : `it says ${state}`) };
}

/** It could not be asked. */
export function describeUnasked(why: string): WebhookAnswer {
  return closed(`it could not be asked: ${why}`);
}

function closed(because: string): WebhookAnswer {
  return { state: 'closed', because: clip(because) };
}

function readJson(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** One line of printable text, cut where it is too long. */
function clip(text: string): string {
  const line = text
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .toWellFormed();
  return line.length <= MOST_OF_REASON ? line : `${line.slice(0, MOST_OF_REASON - 1).toWellFormed()}…`;
}
