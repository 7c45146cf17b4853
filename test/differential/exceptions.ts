import type { ExchangeScript } from './script.ts';
import type { Difference } from './views.ts';

/** A difference that is known, with its reason. What no exception covers fails the suite. */
export interface Exception {
  name: string;
  covers: (difference: Difference, script: ExchangeScript) => boolean;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

const answersForSilence: Exception = {
  name: 'answers 502 where the service closed without an answer (RFC 9110, 15.6.3)',
  covers: (difference, script) => {
    if (exchangeOf(difference, script)?.answer.fault !== 'silent') return false;
    const missing = difference.at.endsWith(' final') ? 'none' : undefined;
    return difference.at.startsWith('client ') && difference.direct === missing;
  },
};

const asksAgain: Exception = {
  name: 'asks once more when a connection that was used before is closed without an answer (RFC 9110, 9.2.2)',
  covers: (difference, script) => {
    const { request, answer } = exchangeOf(difference, script) ?? {};
    const repeatable = request?.body.framing === 'none' && IDEMPOTENT.has(request.method);
    return repeatable && answer?.fault === 'silent' && difference.at.endsWith(' times') && difference.through === '2';
  },
};

const translatesWholeUrls: Exception = {
  name: 'turns a whole URL into the path and the Host it names (RFC 9112, 3.2.2)',
  covers: (difference, script) => {
    const target = exchangeOf(difference, script)?.request.target ?? '';
    const [, authority, path] = /^http:\/\/([^/]*)(.*)$/.exec(target) ?? [];
    if (authority === undefined) return false;
    if (difference.at.endsWith(' line')) return difference.through?.endsWith(` ${path ?? ''}`) ?? false;
    if (!/ field host$/i.test(difference.at)) return false;
    return difference.through === undefined || difference.through === JSON.stringify([authority]);
  },
};

/** The embedded router's. Each is in docs/reference/router.md. */
export const ROUTER_EXCEPTIONS: Exception[] = [answersForSilence, asksAgain, translatesWholeUrls];

/**
 * HAProxy 2.6's, as configured in haproxy.ts. Names of headers are compared without regard to their letters there: it
 * writes them in lower case.
 */
export const HAPROXY_EXCEPTIONS: Exception[] = [
  answersForSilence,
  {
    name: 'refuses a whole URL whose authority is not the Host, and the connection with it',
    covers: (_, { exchanges }) =>
      exchanges.some(
        ({ request: { target, host } }) =>
          /^http:\/\/([^/]*)/.exec(target)?.[1] !== host && !target.startsWith('/') && target !== host,
      ),
  },
  {
    name: 'mixes up, cuts off or withholds an answer that comes together with a 1xx before it, and what follows it',
    covers: (_, { exchanges }) =>
      exchanges.some(({ request, answer }) => answer.informational.length > 0 || (request.expects && !answer.early)),
  },
  {
    name: 'takes no more of a request that is answered before its body is read, nor of what follows on its connection',
    covers: (_, { exchanges }) =>
      exchanges.some(({ request, answer }) => answer.early && request.body.framing !== 'none'),
  },
  {
    name: 'gives up a request that breaks off, and what was asked before it on its connection',
    covers: (_, { exchanges }) => exchanges.some(({ request }) => request.breaksOff),
  },
  {
    name: 'refuses an HTTP/1.0 DELETE with a body',
    covers: (_, { exchanges }) =>
      exchanges.some(
        ({ request }) => request.version === '1.0' && request.method === 'DELETE' && request.body.framing !== 'none',
      ),
  },
  {
    name: 'does not serve all of the requests that were sent ahead of a half-close',
    covers: (_, { exchanges, pipelined, halfCloses }) => exchanges.length > 1 && pipelined && halfCloses,
  },
];

/** `client 2 field x`: which of the script's exchanges the line is about. */
function exchangeOf({ at }: Difference, script: ExchangeScript) {
  return script.exchanges[Number(/^(?:client|service) (\d+)/.exec(at)?.[1] ?? -1)];
}
