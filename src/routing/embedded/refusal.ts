import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** By the codes of Node's errors. Whatever else cannot be parsed is a 400. */
const CONNECTION_STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers in the router's own name. */
export function sendRefusal(reply: ServerResponse, status: number, error: string): void {
  const body = JSON.stringify({ error });
  reply.statusMessage = '';
  reply.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  reply.end(body);
}

/**
 * Ends a connection whose bytes are no requests, as Node does by itself where nobody listens for the error.
 *
 * @param answering part of an answer has been sent: a second head would be taken for its body
 */
export function refuseConnection(socket: Socket, error: NodeJS.ErrnoException, answering: boolean): void {
  const status = CONNECTION_STATUSES[error.code ?? ''] ?? 400;
  if (socket.writable && !answering) {
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`);
  }
  socket.destroy(error);
}
