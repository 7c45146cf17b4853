import { type IncomingMessage, request as connect, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from './faults.ts';
import { answerHeaders, requestHeaders, withUpgrade } from './headers.ts';
import { LIMITS } from './limits.ts';
import { refuse } from './refusal.ts';
import type { Target } from './target.ts';

/**
 * Whether a request to change protocols is passed on. A request with a body is not, nor one for HTTP/2, which Java's
 * client adds to everything: both are then answered as what they are besides, ordinary requests (RFC 9110, 7.8).
 */
export function isForwardedUpgrade(request: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return upgrade?.toLowerCase() !== 'h2c' && encoding === undefined && (length === undefined || length === '0');
}

/**
 * Passes on a request to change protocols, WebSocket or other, and if the endpoint agrees joins the two connections.
 * It counts as in flight until both are closed.
 */
export function forwardUpgrade(target: Target, request: IncomingMessage, client: Socket, head: Buffer): void {
  if (client.destroyed) return;
  const { host, port } = target.nextUpstream();
  target.count.begin();
  client.once('close', () => target.count.end());
  client.on('error', () => client.destroy());
  const asking = connect({
    host,
    port,
    method: request.method,
    path: request.url,
    headers: withUpgrade(requestHeaders(request), request.headers.upgrade),
    agent: false,
    timeout: LIMITS.answerHeadMs,
  });
  const gone = () => asking.destroy();
  client.once('close', gone);
  asking.once('timeout', () => asking.destroy(new Error(`no answer within ${LIMITS.answerHeadMs / 1000} s`)));
  asking.once('upgrade', (answer, endpoint, endpointHead) => {
    client.off('close', gone);
    join(client, endpoint, answer, [head, endpointHead]);
  });
  asking.once('response', (answer) => answerOn(client, request).pass(answer));
  asking.once('error', (error) => {
    if (client.destroyed) return;
    target.count.failed += 1;
    answerOn(client, request).refuse(messageOf(target.revision, error));
  });
  asking.end();
}

function join(client: Socket, endpoint: Socket, answer: IncomingMessage, [sent, received]: [Buffer, Buffer]): void {
  for (const socket of [client, endpoint]) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, LIMITS.clientIdleMs);
  }
  endpoint.on('error', () => endpoint.destroy());
  client.write(switchingHead(answer), 'latin1');
  if (received.length > 0) client.write(received);
  if (sent.length > 0) endpoint.write(sent);
  client.pipe(endpoint).pipe(client);
  // What is already written still arrives; then the side that is left has nobody to talk to.
  client.once('close', () => endpoint.destroySoon());
  endpoint.once('close', () => client.destroySoon());
}

function switchingHead(answer: IncomingMessage): string {
  const headers = withUpgrade(answerHeaders(answer.rawHeaders), answer.headers.upgrade);
  const lines = [`HTTP/1.1 101 ${answer.statusMessage ?? STATUS_CODES[101] ?? ''}`];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    lines.push(`${headers[index] ?? ''}: ${headers[index + 1] ?? ''}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The endpoint does not change protocols: the client gets an ordinary answer, and the connection ends with it. */
function answerOn(client: Socket, request: IncomingMessage) {
  const reply = new ServerResponse(request);
  reply.shouldKeepAlive = false;
  reply.assignSocket(client);
  reply.once('finish', () => client.destroySoon());
  return {
    pass(answer: IncomingMessage): void {
      reply.writeHead(answer.statusCode ?? 502, answerHeaders(answer.rawHeaders));
      answer.once('error', () => client.destroy());
      answer.pipe(reply);
    },
    refuse: (error: string) => refuse(reply, 502, error),
  };
}
