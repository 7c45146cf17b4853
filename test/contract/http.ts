import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../src/domain/service/revision.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The client's end of the connection, which tells connections apart. */
  localPort: number;
}

export interface Asking {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: Agent;
}

/** One request; without an agent on a connection of its own. Rejects when the answer is cut short. */
export async function ask(
  address: Endpoint,
  { method, path = '/', headers, body, agent }: Asking = {},
): Promise<Answer> {
  const request = httpRequest({
    ...address,
    method: method ?? 'GET',
    path,
    ...(headers && { headers }),
    agent: agent ?? false,
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const localPort = response.socket.localPort ?? 0;
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response), localPort };
}

export interface LoadOptions {
  headers?: Record<string, string>;
  /** Between an answer and the next request of the same connection, in milliseconds. */
  pauseMs?: number;
}

/** Keeps asking over a few connections until stopped; tells what was not a complete 200. */
export function load(address: Endpoint, connections: number, { headers = {}, pauseMs = 0 }: LoadOptions = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const failures: string[] = [];
  let total = 0;
  let stopped = false;
  const askOn = async () => {
    while (!stopped) {
      total += 1;
      await ask(address, { agent, headers }).then(
        ({ status, body }) => {
          if (status !== 200) failures.push(`${status} ${body}`);
        },
        (error: unknown) => failures.push(String(error)),
      );
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  const running = Array.from({ length: connections }, askOn);
  return {
    async stop() {
      stopped = true;
      await Promise.all(running);
      agent.destroy();
      return { total, failures };
    },
  };
}
