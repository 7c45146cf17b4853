import { setTimeout as sleep } from 'node:timers/promises';
import type { SecureServerOptions } from 'node:http2';
import { createNodeHandler } from './http/adapter.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { Backend } from './backend.ts';
import type { Gateway } from './call.ts';
import { createRefusalError } from './errors.ts';
import { KEEPALIVE, type Keepalive } from './http/keepalive.ts';
import { Listener } from './http/listener.ts';
import type { Log } from './log.ts';
import { Rights } from './auth/rights.ts';
import { createGatewayRoutes } from './routes.ts';
import { AuditFeed } from './watch/audit-feed.ts';
import { SharedLooks } from './shared-looks.ts';

export interface ServerOptions {
  backend: Backend;
  /** Where to listen; port 0 for a free one. */
  listen: { host: string; port: number };
  /** Tells who calls, and what they may do. */
  auth: Authenticator;
  /** Certificate and key; with `requestCert` and `ca` also what clients prove themselves by. */
  tls?: SecureServerOptions;
  log: Log;
  keepalive?: Keepalive;
}

export interface RunningServer {
  /** Where it listens. */
  address: { host: string; port: number };
  /** Certificate, key and authorities for the connections that follow; those there are stay as they are. */
  trust(tls: { cert: Buffer; key: Buffer; ca: string }): void;
  /** Ends the streams of those who may not have them any more. */
  rightsChanged(): void;
  /**
   * Lets go of the port at once, ends streams with UNAVAILABLE so that their readers resume elsewhere, and lets requests
   * be answered for up to `graceMs`, ten seconds unless told. What takes longer is cut off.
   */
  close(graceMs?: number): Promise<void>;
}

/** How long watchers that want to look at the same thing wait for each other, in milliseconds. */
const GATHER_MS = 20;

const GRACE_MS = 10_000;
/** For the last answers to get out, in milliseconds. */
const FAREWELL_MS = 200;

/**
 * Serves the API: gRPC, gRPC-Web and JSON on one port. Keeps no state; any number of them may stand before one system. The
 * backend stays the caller's to close.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { backend, listen, auth, tls, log, keepalive = KEEPALIVE } = options;
  const [draining, shutdown] = [new AbortController(), new AbortController()];
  const rights = new Rights();
  const feed = new AuditFeed(backend.auditEvents.bind(backend));
  const gateway: Gateway = { backend, log, feed, looks: new SharedLooks(GATHER_MS), draining: draining.signal, rights };
  const receive = backend.receiveWebhook?.bind(backend);
  const handler = createNodeHandler(createGatewayRoutes(gateway), auth, log, shutdown.signal, receive);
  const listener = await Listener.open(handler, {
    ...listen,
    keepalive,
    ...(tls ? { tls } : {}),
  });
  let closing: Promise<void> | undefined;
  const close = async (graceMs: number): Promise<void> => {
    draining.abort();
    const gone = listener.drain();
    await Promise.race([gone, sleep(graceMs, undefined, { ref: false })]);
    shutdown.abort(createRefusalError('UNAVAILABLE', 'this gateway is shutting down; ask another one'));
    await Promise.race([gone, sleep(FAREWELL_MS, undefined, { ref: false })]);
    listener.destroy();
    await gone;
  };
  return {
    address: listener.address,
    trust: (pair) => listener.trust(pair),
    rightsChanged: () => rights.changed(),
    close: (graceMs = GRACE_MS) => (closing ??= close(graceMs)),
  };
}
