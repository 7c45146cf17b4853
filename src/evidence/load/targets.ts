import { type Dispatcher, Pool } from 'undici';
import type { LoadProbe } from '../../domain/experiment/probe.ts';
import { type Endpoint, formatEndpointUrl, readEndpointHeaders } from '../../domain/service/revision.ts';
import { encodePath, HEADER_LIMIT } from '../checks/http/exchange.ts';
import { type Ending, sendRequest } from './request.ts';

/**
 * Connections to a variant, over all of its endpoints. Where that many answers are awaited, further requests wait for one
 * of them, which counts for their latencies. As many as can be open beside all else in a process that may open 4,096.
 */
const MOST_CONNECTIONS = 1_000;
/**
 * Unused connections are closed after this, in milliseconds: before servers do it, some of which (gunicorn) have patience
 * for 2 s. A request that meets such a closing would count as an error although nothing is wrong.
 */
const UNUSED_MS = 1_000;

/** Where a load goes: the endpoints of a variant in turn, each with connections that are kept. */
export interface Targets {
  /** @param patienceMs how long an answer may take from now on */
  send(index: number, patienceMs: number, onEnd: (ending: Ending) => void): void;
  /** Ends what is under way, too. Resolves when no socket is left. */
  close(): Promise<void>;
}

export function openTargets(probe: LoadProbe, endpoints: readonly Endpoint[]): Targets {
  const connections = Math.max(1, Math.floor(MOST_CONNECTIONS / endpoints.length));
  const targets = endpoints.map((endpoint) => ({
    pool: new Pool(formatEndpointUrl(endpoint), {
      connections,
      pipelining: 1,
      keepAliveTimeout: UNUSED_MS,
      // Requests have their own limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: HEADER_LIMIT,
      connect: { timeout: probe.timeoutMs },
    }),
    options: requestOptions(probe, endpoint),
  }));
  return {
    send: (index, patienceMs, onEnd) => {
      const target = targets[index % targets.length];
      if (target) sendRequest(target.pool, target.options, patienceMs, onEnd);
    },
    close: async () => {
      await Promise.all(targets.map(({ pool }) => pool.destroy()));
    },
  };
}

function requestOptions(probe: LoadProbe, endpoint: Endpoint): Dispatcher.DispatchOptions {
  const { method, path, requestHeaders = {}, requestBody } = probe;
  // Names are compared as HTTP does it. Last: nothing that a probe says may lead it to another revision.
  const headers = new Map<string, [name: string, value: string]>();
  const sent = { 'User-Agent': 'supplant-load', ...requestHeaders, ...readEndpointHeaders(endpoint) };
  for (const [name, value] of Object.entries(sent)) headers.set(name.toLowerCase(), [name, value]);
  return {
    method,
    path: encodePath(path),
    headers: Object.fromEntries(headers.values()),
    ...(requestBody === undefined ? {} : { body: requestBody }),
  };
}
