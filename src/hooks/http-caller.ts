import type { LookupFunction } from 'node:net';
import type { LookupAddress } from 'node:dns';
import { Agent, type Dispatcher } from 'undici';
import { createRedactor } from '../domain/evidence/redaction.ts';
import { SecretError, readSecret } from '../secrets/secrets.ts';
import {
  type HookCall,
  type HookCaller,
  HookRefusedError,
  type HookReply,
  HookUnavailableError,
  MOST_ANSWER_BYTES,
} from './caller.ts';
import type { AllowedHosts } from './reachable.ts';
import { type ResolveName, resolveHook } from './resolve.ts';
import { SigningSecretError, signWebhook } from './signature.ts';

export interface HttpHookOptions {
  allowed: AllowedHosts;
  /** What names stand for; as the system says unless told. */
  resolve?: ResolveName;
}

/** Calls webhooks over HTTP, each on a connection of its own to an address that was looked at before. */
export function createHookCaller({ allowed, resolve }: HttpHookOptions): HookCaller {
  return {
    async call(call, signal) {
      const limit = AbortSignal.timeout(call.timeoutMs);
      try {
        return await carryOut(call, signal ? AbortSignal.any([signal, limit]) : limit, { allowed, resolve });
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (error instanceof HookRefusedError || error instanceof HookUnavailableError) throw error;
        const why = limit.aborted
          ? `no whole answer within ${call.timeoutMs / 1000} s`
          : `no answer: ${reasonOf(error)}`;
        throw new HookUnavailableError(`${describeHookUrl(call.url)} gave ${why}`, { cause: error });
      }
    },
  };
}

/** Without its query, which may hold a token. */
export function describeHookUrl(text: string): string {
  const url = URL.parse(text);
  return url ? `${url.origin}${url.pathname}` : 'the hook';
}

async function carryOut(
  { url: text, secret: reference, id, body }: HookCall,
  signal: AbortSignal,
  { allowed, resolve }: { allowed: AllowedHosts; resolve: ResolveName | undefined },
): Promise<HookReply> {
  const url = requireCallable(text);
  const addresses = await unlessAborted(resolveHook(url, allowed, resolve), signal);
  const secret = await requireSecret(reference, signal);
  const sent = JSON.stringify(body);
  const headers = {
    ...sign(secret, reference, id, sent),
    'content-type': 'application/json',
    accept: 'application/json',
  };
  const agent = new Agent({ connect: { lookup: answerWith(addresses) }, pipelining: 0, connections: 1 });
  try {
    const answer = await agent.request({
      ...{ origin: url.origin, path: `${url.pathname}${url.search}`, method: 'POST', signal, body: sent },
      headers: { ...headers, 'user-agent': 'supplant-hooks' },
    });
    return await readReply(url, answer, createRedactor([{ name: reference, value: secret }]));
  } finally {
    await agent.destroy();
  }
}

function requireCallable(text: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new HookRefusedError('a hook has to be http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw new HookRefusedError('a hook must have no credentials in its URL');
  return url;
}

async function requireSecret(reference: string, signal: AbortSignal): Promise<string> {
  try {
    return await readSecret(reference, signal);
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new HookUnavailableError(error.message, { cause: error });
  }
}

function sign(secret: string, reference: string, id: string, body: string): Record<string, string> {
  try {
    return { ...signWebhook(secret, id, new Date(), body) };
  } catch (error) {
    if (!(error instanceof SigningSecretError)) throw error;
    throw new HookRefusedError(`the secret ${reference} cannot sign: ${error.message}`, { cause: error });
  }
}

/** Whatever is asked for, what was looked at is connected to. */
function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first = { address: '', family: 4 }] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

async function readReply(
  url: URL,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  redact: (text: string) => string,
): Promise<HookReply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the answer.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) {
      const where = describeHookUrl(url.href);
      throw new HookRefusedError(
        `${where} answered more than ${MOST_ANSWER_BYTES} bytes; a status and a reason are enough`,
      );
    }
    chunks.push(chunk);
  }
  const location = headers.location === undefined ? undefined : redact(String(headers.location));
  const retryAfterMs = readRetryAfter(headers['retry-after']);
  return {
    status: statusCode,
    body: redact(Buffer.concat(chunks).toString()),
    ...(location === undefined ? {} : { location }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function readRetryAfter(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Of several addresses that were tried in vain there is no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
