import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RouteTable } from './route-table.ts';
import { METRICS_TYPE, formatMetrics } from './metrics-text.ts';

const READING = new Set(['GET', 'HEAD']);

/** Where Prometheus reads what the router has counted. It tells names and numbers, and takes no orders. */
export class MetricsDoor {
  readonly #server: Server;

  private constructor(table: RouteTable) {
    this.#server = createServer((request, reply) => answer(table, request, reply));
  }

  /** @throws Error fit to show when the address cannot be had */
  static async open(table: RouteTable, listen: { host: string; port: number }): Promise<MetricsDoor> {
    const door = new MetricsDoor(table);
    await once(door.#server.listen(listen), 'listening');
    door.#server.on('error', (error) => console.error(`router: ${error.message}`));
    return door;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function answer(table: RouteTable, { method = '', url = '' }: IncomingMessage, reply: ServerResponse): void {
  const isThere = /^\/metrics(?:\?|$)/.test(url);
  if (isThere && READING.has(method)) {
    reply.writeHead(200, { 'content-type': METRICS_TYPE }).end(formatMetrics(table.listCounted()));
    return;
  }
  const status = isThere ? 405 : 404;
  const allow = isThere ? { allow: 'GET, HEAD' } : {};
  reply.writeHead(status, { 'content-type': 'text/plain', ...allow }).end('use GET /metrics\n');
}
