import type { ServerResponse } from 'node:http';

/** Answers in the router's own name. */
export function refuse(reply: ServerResponse, status: number, error: string): void {
  const body = JSON.stringify({ error });
  reply.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  reply.end(body);
}
