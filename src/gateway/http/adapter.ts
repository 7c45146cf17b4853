import { Code, ConnectError, type ConnectRouter, type ContextValues } from '@connectrpc/connect';
import { createConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect';
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import { type Authenticator, type Credentials, readCredentials } from '../auth/authenticator.ts';
import { readConnection } from '../auth/connection.ts';
import { authenticateKey, callerKey } from '../call.ts';
import { toConnectError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type ReceiveWebhook, answerWebhook, isWebhookPath } from './webhooks.ts';
import type { NodeRequest, NodeResponse } from './node-http.ts';
import { blameCaller } from './unreadable.ts';

/** The largest message that is taken, in bytes, unpacked. A manifest may have 64 KiB. */
export const LARGEST_MESSAGE = 1024 * 1024;

/** Names that anybody may call without saying who they are. */
const OPEN = /^grpc\.(health|reflection)\./;

const credentialsKey = createContextKey<Credentials>({
  authorization: undefined,
  certificate: undefined,
  claimed: undefined,
});

/**
 * Answers HTTP requests with what a router offers. In place of the adapter that comes with Connect, because that lets a
 * request whose address is no URL end the process, and writes to the console.
 */
export function createNodeHandler(
  routes: (router: ConnectRouter) => void,
  authenticator: Authenticator,
  log: Log,
  shutdown: AbortSignal,
  receiveWebhook?: ReceiveWebhook,
): (request: NodeRequest, response: NodeResponse) => void {
  const router = createConnectRouter({
    acceptCompression: [compressionGzip, compressionBrotli],
    readMaxBytes: LARGEST_MESSAGE,
    // A misspelt field would be as good as none: `validateonly` must not start a rollout.
    jsonOptions: { ignoreUnknownFields: false },
    shutdownSignal: shutdown,
    requestGate: async (context) => {
      blameCaller(context);
      const { values, service } = context;
      if (OPEN.test(service.typeName)) return;
      try {
        const authenticate = () => authenticator.authenticate(values.get(credentialsKey));
        values.set(authenticateKey, authenticate);
        values.set(callerKey, await authenticate());
      } catch (error) {
        throw toConnectError(error, log);
      }
    },
  });
  routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  async function answer(request: NodeRequest, response: NodeResponse): Promise<void> {
    if (isWebhookPath(request.url ?? '')) {
      await answerWebhook(request, response, receiveWebhook);
      return;
    }
    const handler = handlers.get(request.url?.split('?', 1)[0] ?? '');
    if (!handler) {
      notFound(request, response);
      return;
    }
    const values = createContextValues();
    const asked = universalRequest(request, response, values);
    if (!asked) {
      failed(response);
      return;
    }
    values.set(credentialsKey, { ...readCredentials(request), ...readConnection(request) });
    const answered = await handler(asked);
    // The unread rest of a request that was refused early would block the next one on the same connection.
    if (request.httpVersionMajor === 1 && !request.complete) response.setHeader('connection', 'close');
    await universalResponseToNodeResponse(answered, response);
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      const { code } = ConnectError.from(error);
      // Nobody is there any more to be answered.
      if (code !== Code.Aborted && code !== Code.Canceled && !response.destroyed) log.error('a request failed', error);
      failed(response);
    });
  };
}

/** Undefined where the host and the path make no URL. */
function universalRequest(request: NodeRequest, response: NodeResponse, values: ContextValues) {
  try {
    return universalRequestFromNodeRequest(request, response, undefined, values);
  } catch {
    return undefined;
  }
}

const WHERE = 'POST /supplant.v1.RolloutService/GetRollout with content-type application/json, for instance';

function notFound(request: NodeRequest, response: NodeResponse): void {
  request.resume();
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code: 'unimplemented', message: `there is nothing here; ${WHERE}` }));
}

/** A request that could not even be read as one. */
function failed(response: NodeResponse): void {
  if (!response.headersSent) response.writeHead(400);
  response.end();
}
