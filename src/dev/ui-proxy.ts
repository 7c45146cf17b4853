import { once } from 'node:events';
import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
  createServer,
  request as ask,
} from 'node:http';
import { isLoopbackHost } from '../host/loopback.ts';

/** Of one connection alone: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Where the UI is, and the namespace that people want to see in it. */
export interface UiTarget {
  host: string;
  port: number;
  namespace: string;
}

/**
 * Stands before Temporal's UI, which looks at no Host header: lets nobody in who comes by another name than this
 * machine's own, as a page does whose name was rebound to 127.0.0.1, and no request that another site's page makes.
 */
export class UiProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor({ namespace, ...target }: UiTarget) {
    this.#server = createServer((request, response) => {
      const refusal = refusalOf(request);
      if (refusal !== undefined) answer(response, 403, refusal);
      // The UI itself would show the namespace `default`, in which nothing is.
      else if (request.url === '/') redirect(response, `/namespaces/${encodeURIComponent(namespace)}/workflows`);
      else forward(request, response, { ...target, agent: this.#agent });
    });
  }

  /** @throws Error with the code EADDRINUSE where the port is taken */
  static async open(port: number, target: UiTarget): Promise<UiProxy> {
    const proxy = new UiProxy(target);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    proxy.#server.once('error', reject);
    proxy.#server.listen({ host: '127.0.0.1', port }, () => resolve(undefined));
    await promise;
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }
}

/** Why a request is not let in. Browsers say where it comes from: https://www.w3.org/TR/fetch-metadata/ */
function refusalOf({ headers, method = '' }: Pick<IncomingMessage, 'headers' | 'method'>): string | undefined {
  const { host, origin, 'sec-fetch-site': site, 'sec-fetch-dest': destination } = headers;
  if (!isLoopbackHost(host)) return 'Temporal’s UI is served here under 127.0.0.1 and localhost alone.';
  if (origin !== undefined && origin !== `http://${host}`) return 'Another site’s page may not use Temporal’s UI.';
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  // A link that somebody follows shows the UI and does nothing.
  if ((method === 'GET' || method === 'HEAD') && destination === 'document') return undefined;
  return 'Another site’s page may not use Temporal’s UI.';
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: { host: string; port: number; agent: Agent },
): void {
  const { method, url: path } = request;
  const passed = ask({ ...target, method, path, headers: forwarded(request.headers) }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, { 'x-frame-options': 'SAMEORIGIN', ...forwarded(answered.headers) });
    answered.pipe(response);
    answered.once('error', () => response.destroy());
  });
  passed.once('error', () => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, 'Temporal’s UI does not answer. It may be about to start; try again.');
  });
  response.once('close', () => passed.destroy());
  request.pipe(passed);
}

function forwarded(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, 'cache-control': 'no-store' });
  response.end();
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
