import { createHmac, timingSafeEqual } from 'node:crypto';

/*
 * Standard Webhooks 1.0 (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, in base64 after the
 * version `v1,`. A message may have several signatures, while its secret is being replaced.
 */

/** How far the time of a message may be from now, in milliseconds: the five minutes of the reference libraries. */
export const TOLERANCE_MS = 5 * 60_000;
const PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Shorter keys can be found by trying (the specification asks for 24 to 64 bytes; RFC 2104 advises against shorter ones). */
const LEAST_KEY_BYTES = 16;

/** A secret that is none, in words that hold nothing of it. */
export class SigningSecretError extends Error {
  override readonly name = 'SigningSecretError';
}

export interface WebhookHeaders {
  'webhook-id': string;
  /** Seconds since 1970. */
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/**
 * The headers that a message is sent with.
 *
 * @param secret `whsec_` and base64
 * @throws SigningSecretError
 */
export function signWebhook(secret: string, id: string, at: Date, body: string): WebhookHeaders {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = computeSignature(readKey(secret), id, timestamp, body).toString('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** What came with a message. */
export type GivenHeaders = Readonly<Record<keyof WebhookHeaders, string | undefined>>;

/**
 * Why a message is not to be believed; undefined where it was signed with the secret, and lately.
 *
 * @throws SigningSecretError
 */
export function findSignatureFault(
  secret: string,
  { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures }: GivenHeaders,
  body: string | Uint8Array,
  now: Date,
): string | undefined {
  const key = readKey(secret);
  if (!id || !timestamp || !signatures) {
    return 'it has to come with the headers webhook-id, webhook-timestamp and webhook-signature';
  }
  if (!/^\d{1,12}$/.test(timestamp)) return 'webhook-timestamp has to be whole seconds since 1970';
  const wanted = computeSignature(key, id, timestamp, body);
  const isSigned = signatures
    .split(' ')
    .flatMap((each) => (each.startsWith('v1,') ? [Buffer.from(each.slice(3), 'base64')] : []))
    .some((given) => given.length === wanted.length && timingSafeEqual(given, wanted));
  if (!isSigned) return 'its signature is not that of its id, its time and its body with the secret';
  // After the signature: who cannot sign learns nothing of the clock.
  const aheadMs = Number(timestamp) * 1000 - now.getTime();
  if (Math.abs(aheadMs) > TOLERANCE_MS) {
    const away = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's clock`;
    return `it was signed ${away}, of which ${TOLERANCE_MS / 60_000} minutes are tolerated`;
  }
  return undefined;
}

function computeSignature(key: Buffer, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

function readKey(secret: string): Buffer {
  const text = secret.trim();
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const key = BASE64.test(encoded) ? Buffer.from(encoded, 'base64') : undefined;
  if (key && key.length >= LEAST_KEY_BYTES) return key;
  const wanted = `${PREFIX} and the base64 of 24 to 64 random bytes: echo "${PREFIX}$(openssl rand -base64 32)"`;
  throw new SigningSecretError(`it is no secret of a webhook, which is ${wanted}`);
}
