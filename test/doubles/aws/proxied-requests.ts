import { Agent, type IncomingMessage, type ServerResponse, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import type { Target } from './target-health.ts';

interface Place {
  group: string;
  target: Target;
}

interface InFlight extends Place {
  cut: () => void;
}

/** Headers that concern one connection only. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te']);

/** What is in flight between clients and targets. */
export class ProxiedRequests {
  readonly #inFlight = new Set<InFlight>();
  readonly #agent = new Agent({ keepAlive: false });

  proxy(
    request: IncomingMessage,
    reply: ServerResponse,
    { endpoint, cookie, ...place }: Place & { endpoint: Endpoint; cookie: string | undefined },
  ): void {
    const headers = { ...request.headers, ...forwardedHeaders(request) };
    const outgoing = httpRequest({
      ...endpoint,
      method: request.method,
      path: request.url,
      headers,
      agent: this.#agent,
    });
    const end = this.#begin({ ...place, cut: () => request.socket.destroy() });
    reply.on('close', () => {
      end();
      outgoing.destroy();
    });
    outgoing.on('response', (answer) => {
      const passed = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name));
      const more = cookie === undefined ? {} : { 'set-cookie': [...(answer.headers['set-cookie'] ?? []), cookie] };
      reply.writeHead(answer.statusCode ?? 502, { ...Object.fromEntries(passed), ...more });
      // An answer that breaks off breaks off for the client, too.
      pipeline(answer, reply, () => undefined);
    });
    outgoing.on('error', () => {
      if (reply.headersSent) reply.destroy();
      else reply.writeHead(502).end();
    });
    request.pipe(outgoing);
  }

  /** Joins two connections after an upgrade was asked for. */
  join(
    request: IncomingMessage,
    { client, server, head }: { client: Duplex; server: Socket; head: Buffer },
    place: Place,
  ): void {
    const end = this.#begin({ ...place, cut: () => client.destroy() });
    server.once('connect', () => {
      const pairs = Array.from(
        { length: request.rawHeaders.length / 2 },
        (_, index) => `${request.rawHeaders[2 * index]}: ${request.rawHeaders[2 * index + 1]}`,
      );
      server.write([`${request.method} ${request.url} HTTP/1.1`, ...pairs, '', ''].join('\r\n'));
      server.write(head);
      server.pipe(client).pipe(server);
    });
    const over = (): void => {
      end();
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', over).on('close', over);
  }

  /** Cuts what is on targets of a group that are none any more. */
  cutOthers(group: string, targets: readonly Target[]): void {
    for (const each of this.#inFlight) {
      if (each.group !== group) continue;
      if (!targets.some(({ id, port }) => id === each.target.id && port === each.target.port)) each.cut();
    }
  }

  cutAll(): void {
    for (const { cut } of this.#inFlight) cut();
    this.#agent.destroy();
  }

  #begin(entry: InFlight): () => void {
    this.#inFlight.add(entry);
    return () => void this.#inFlight.delete(entry);
  }
}

function forwardedHeaders({ headers, socket }: IncomingMessage): Record<string, string> {
  const from = [headers['x-forwarded-for'], socket.remoteAddress].flat().filter((each) => each !== undefined);
  return {
    'x-forwarded-for': from.join(', '),
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(socket.localPort ?? 0),
  };
}
