import type { ServiceKey } from '../service/service.ts';
import { clipReason } from './answer.ts';

/** A message as it came, of which nothing is believed yet. */
export interface WebhookMessage {
  service: ServiceKey;
  sender: string;
  headers: Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string | undefined>;
  body: Uint8Array;
}

/** What its sender is told. Codes are those of HTTP; 503 alone is worth sending it again for. */
export type WebhookAnswer =
  | { code: 200; status: 'aborted' | 'frozen' | 'ignored'; rollout?: string; message: string }
  | { code: 400 | 401 | 404 | 503; message: string };

/** What is demanded. */
export interface Demand {
  /** Why, in the sender's words. */
  reason?: string;
  /** Only of the rollout with this number. */
  rollout?: number;
}

/** Longer ids are refused: they are kept. Those of the libraries have some 30 characters. */
export const LONGEST_MESSAGE_ID = 128;

const WANTED = 'a JSON object, such as {"reason": "7 % of checkouts fail"}';

/**
 * Reads the body of a message: `reason` and `rollout`, in the object itself or in its `data`, where the envelope of Standard
 * Webhooks has them. All else is the sender's own.
 */
export function readDemand(body: Uint8Array): Demand | { fault: string } {
  const read = parse(body);
  if (!isObject(read)) return { fault: `the body has to be ${WANTED}` };
  const { reason, rollout } = isObject(read.data) ? { ...read.data, ...read } : read;
  if (rollout !== undefined && !(Number.isSafeInteger(rollout) && (rollout as number) > 0)) {
    return { fault: 'rollout has to be the number of a rollout, such as 12' };
  }
  if (reason !== undefined && typeof reason !== 'string') return { fault: 'reason has to be text' };
  const words = clipReason(reason ?? '').trim();
  return {
    ...(words === '' ? {} : { reason: words }),
    ...(rollout === undefined ? {} : { rollout: rollout as number }),
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Who asks, on record. */
export function formatSenderName(sender: string): string {
  return `webhook:${sender}`;
}

/** Why nothing follows from a demand; undefined where it is carried out. */
export function findNothingToEnd(
  service: string,
  running: { number: number; kind: string } | undefined,
  demanded: number | undefined,
): string | undefined {
  if (!running) return `no rollout of ${service} is running; supplant rollback goes back from what is live`;
  if (demanded !== undefined && demanded !== running.number) {
    return `rollout ${demanded} of ${service} is not running, rollout ${running.number} is`;
  }
  if (running.kind !== 'deploy') {
    return `rollout ${running.number} of ${service} is a ${running.kind === 'remove' ? 'removal' : running.kind}, and only deployments are ended by messages`;
  }
  return undefined;
}
