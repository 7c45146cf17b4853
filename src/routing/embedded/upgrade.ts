import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connections } from './connections.ts';
import type { EndpointSocket } from './endpoint-socket.ts';
import { Exchange } from './exchange.ts';
import type { AnswerHead } from './http1/answer-head.ts';
import { LIMITS } from './limits.ts';
import { sendRefusal } from './refusal.ts';
import type { Target } from './target.ts';

/** A request to change protocols, or for a tunnel. */
export interface SwitchRequest {
  connections: Connections;
  /** Undefined when nobody takes traffic. */
  target: Target | undefined;
  request: IncomingMessage;
  socket: Socket;
  /** What the client sent after its request, without waiting for the answer. */
  head: Buffer;
  /** What is answered without a target. */
  refusal: string;
}

/**
 * Whether a request to change protocols is passed on. A request with a body is not, nor one for HTTP/2, which Java's
 * client adds to everything: both are then answered as what they are besides, ordinary requests (RFC 9110, 7.8).
 */
export function isForwardedUpgrade(request: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return upgrade?.toLowerCase() !== 'h2c' && encoding === undefined && (length === undefined || Number(length) === 0);
}

/**
 * Passes on a request to change protocols, WebSocket or other, or a `CONNECT`, and if the endpoint agrees joins the two
 * connections. It counts as in flight until both are closed.
 */
export function switchOver({ connections, target, request, socket, head, refusal }: SwitchRequest): void {
  if (socket.destroyed) return;
  socket.on('error', () => socket.destroy());
  const reply = replyOn(socket, request);
  if (!target) {
    sendRefusal(reply, 503, refusal);
    return;
  }
  const exchange = new Exchange({
    connections,
    target,
    request,
    reply,
    onSwitch: (answer, rest, endpoint) => {
      reply.detachSocket(socket);
      target.count.upgraded += 1;
      socket.once('close', () => {
        target.count.upgraded -= 1;
        exchange.end();
      });
      join(socket, endpoint, answer, [head, rest]);
    },
  });
  exchange.start();
}

/** For an ordinary answer, with which the connection ends: what follows the request is no request. */
function replyOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const reply = new ServerResponse(request);
  reply.shouldKeepAlive = false;
  reply.assignSocket(socket);
  // The server has let go of the socket, and would have passed this on.
  socket.on('drain', () => reply.emit('drain'));
  // The unread rest of what the client sent would turn the close into a reset, and the answer might be lost with it.
  reply.once('finish', () => {
    socket.end();
    socket.setTimeout(LIMITS.lingerMs, () => socket.destroy());
    socket.resume();
  });
  return reply;
}

function join(client: Socket, endpoint: EndpointSocket, answer: AnswerHead, [sent, received]: [Buffer, Buffer]): void {
  for (const socket of [client, endpoint]) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, LIMITS.clientIdleMs);
  }
  endpoint.on('error', () => endpoint.destroy());
  client.write(switchedHead(answer), 'latin1');
  if (received.length > 0) client.write(received);
  if (sent.length > 0) endpoint.write(sent);
  client.pipe(endpoint).pipe(client);
  // What is already written still arrives; then the side that is left has nobody to talk to.
  client.once('close', () => endpoint.destroySoon());
  endpoint.once('close', () => client.destroySoon());
}

function switchedHead({ status, reason, headers, upgrade }: AnswerHead): string {
  const lines = [`HTTP/1.1 ${status} ${reason}`];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    // A tunnel has no length (RFC 9110, 9.3.6).
    if (name.toLowerCase() !== 'content-length') lines.push(`${name}: ${headers[index + 1] ?? ''}`);
  }
  if (status === 101) lines.push('connection: Upgrade');
  if (upgrade !== undefined && status === 101) lines.push(`upgrade: ${upgrade}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
