import { setTimeout as sleep } from 'node:timers/promises';
import type { WebhookAnswer, WebhookMessage } from '../../domain/hooks/demand.ts';
import { NAME, type ServiceKey, parseServiceId } from '../../domain/service/service.ts';
import type { NodeRequest, NodeResponse } from './node-http.ts';

/** Where messages are posted: `/hooks/v1/SERVICE/ENVIRONMENT/SENDER`. */
const PREFIX = '/hooks/v1/';
/** The largest message that is taken, in bytes. */
const LARGEST_BYTES = 64 * 1024;
/** How long the whole of it may take to come, in milliseconds. */
const READ_MS = 10_000;

/** Answers a message; in place of a backend's. */
export type ReceiveWebhook = (message: WebhookMessage) => Promise<WebhookAnswer>;

export function isWebhookPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Answers a POST of somebody who proves who they are by their signature alone, in JSON. */
export async function answerWebhook(
  request: NodeRequest,
  response: NodeResponse,
  receive: ReceiveWebhook | undefined,
): Promise<void> {
  const { code, ...said } = await findAnswer(request, receive);
  // The unread rest of a message would block the next one on the same connection.
  if (request.httpVersionMajor === 1 && !request.complete) response.setHeader('connection', 'close');
  response.writeHead(code, { 'content-type': 'application/json', ...(code === 405 ? { allow: 'POST' } : {}) });
  response.end(`${JSON.stringify(said)}\n`);
}

type Answer = WebhookAnswer | { code: 404 | 405 | 408 | 413; message: string };

async function findAnswer(request: NodeRequest, receive: ReceiveWebhook | undefined): Promise<Answer> {
  const place = readPlace(request.url ?? '');
  if (!place || !receive) return { code: 404, message: `messages are posted to ${PREFIX}SERVICE/ENVIRONMENT/NAME` };
  if (request.method !== 'POST') return { code: 405, message: 'messages are posted' };
  const body = await readBody(request);
  if (body === 'large') return { code: 413, message: `a message may have ${LARGEST_BYTES} bytes at most` };
  if (body === 'late') return { code: 408, message: `a message has to come within ${READ_MS / 1000} s` };
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  const headers = {
    'webhook-id': header('webhook-id'),
    'webhook-timestamp': header('webhook-timestamp'),
    'webhook-signature': header('webhook-signature'),
  };
  return receive({ ...place, headers, body });
}

function readPlace(url: string): { service: ServiceKey; sender: string } | undefined {
  const [name = '', environment = '', sender = '', ...rest] = url.replace(/\?.*$/s, '').slice(PREFIX.length).split('/');
  const service = parseServiceId(`${name}/${environment}`);
  return service && NAME.test(sender) && rest.length === 0 ? { service, sender } : undefined;
}

async function readBody(request: NodeRequest): Promise<Buffer | 'large' | 'late'> {
  const late = new AbortController();
  try {
    return await Promise.race([collect(request), sleep(READ_MS, 'late' as const, { signal: late.signal, ref: false })]);
  } finally {
    late.abort();
  }
}

async function collect(request: NodeRequest): Promise<Buffer | 'large'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Without an iterator, which would end the connection before it is answered.
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= LARGEST_BYTES) chunks.push(chunk);
      else {
        request.pause();
        resolve('large');
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}
