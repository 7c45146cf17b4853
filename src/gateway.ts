import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildClientCertificateOptions } from './gateway/auth/connection.ts';
import { createAuthenticator } from './gateway/auth/create-authenticator.ts';
import type { AccessConfig } from './gateway/auth/config.ts';
import { ConfiguredAuthenticator } from './gateway/auth/configured.ts';
import { AccessFile } from './gateway/auth/file/access-file.ts';
import { AccessConfigError } from './gateway/auth/file/error.ts';
import { AccessReload } from './gateway/auth/file/reload.ts';
import { obtainLocalToken } from './gateway/auth/local-token.ts';
import { readGatewaySettings } from './gateway/settings.ts';
import { type RunningServer, startServer } from './gateway/server.ts';
import { isLoopback } from './host/loopback.ts';
import type { LocalBackend } from './gateway/backend/local-backend.ts';
import { openBackend } from './gateway/backend/open.ts';
import { resolveDataFolder } from './data-folder.ts';
import { parseListen } from './host/listen-address.ts';
import { keepCompiledCode } from './host/program-cache.ts';
import { neverProxyLoopback } from './host/proxies.ts';
import { keepFilesPrivate } from './host/umask.ts';
import { makePrivate } from './private-folder.ts';
import { chooseStore } from './store/place.ts';
import { readTemporalTarget } from './temporal/target.ts';

/** How a gateway is run. */
export interface GatewayOptions {
  dataDir: string;
  /** A path or a `postgres://` URL; the file in the data folder unless told. */
  store?: string;
  listen: { host: string; port: number };
  /** Who may do what; on loopback it can be left out, and the data folder's token lets in. */
  accessFile?: string;
  /** PEM files; without them it speaks in the clear. */
  tls?: { certificate: string; key: string };
  signal: AbortSignal;
  log: (level: 'info' | 'error', message: string) => void;
  onReady: (address: { host: string; port: number }) => void;
}

/**
 * Serves the API until `signal` aborts, then lets go of its port and finishes what is under way. Finds Temporal by the
 * standard `TEMPORAL_*` environment; starts without it, and is not ready until it is there.
 */
export async function runGateway(options: GatewayOptions): Promise<void> {
  const { dataDir, store, listen, accessFile, tls, signal, log, onReady } = options;
  const settings = readGatewaySettings(process.env);
  keepFilesPrivate();
  const file = accessFile === undefined ? undefined : new AccessFile(accessFile);
  const access = file?.load();
  const folder = resolveDataFolder(dataDir);
  neverProxyLoopback();
  await makePrivate(folder);
  const local = !access && isLoopback(listen.host) ? await obtainLocalToken(folder.token) : undefined;
  const auth = createAuthenticator(access, { host: listen.host, tls: tls !== undefined, local });
  const { connectionOptions, namespace = 'default' } = readTemporalTarget();
  const ui = process.env.TEMPORAL_UI_ADDRESS;
  const temporal = { options: connectionOptions, namespace, ...(ui === undefined ? {} : { ui }) };
  const warn = log.bind(undefined, 'error');
  const backend = openBackend(folder, temporal, store, { ...settings, warn });
  await requireOwnStore(backend);
  const pair = tls && (await certificates(tls));
  const server = await startServer({
    backend,
    listen,
    auth,
    ...(pair ? { tls: { ...pair, ...buildClientCertificateOptions(access ?? {}) } } : {}),
    log: {
      info: (message) => log('info', message),
      error: (message, error) => log('error', `${message}: ${String(error)}`),
    },
  });
  using _reload =
    file && access && auth instanceof ConfiguredAuthenticator
      ? new AccessReload(file, { log, take: (config) => take(config, { auth, server, pair, access }) })
      : undefined;
  onReady(server.address);
  keepCompiledCode();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
  await auth.close();
  await backend.close();
}

/** Before anybody is served. Lets go of what was opened where it is refused. */
async function requireOwnStore(backend: LocalBackend): Promise<void> {
  try {
    await backend.requireOwnStore();
  } catch (error) {
    await backend.close();
    throw error;
  }
}

interface Taker {
  auth: ConfiguredAuthenticator;
  server: RunningServer;
  pair: { cert: Buffer; key: Buffer } | undefined;
  /** What it was started with. */
  access: AccessConfig;
}

function take(config: AccessConfig, { auth, server, pair, access }: Taker): void {
  if (config.certificates && !(pair && access.certificates)) {
    throw new AccessConfigError('clients are asked for certificates from the start or not at all: restart the gateway');
  }
  if (pair && config.certificates) server.trust({ ...pair, ca: config.certificates.ca });
  auth.replace(config);
  server.rightsChanged();
}

async function certificates({ certificate, key }: { certificate: string; key: string }) {
  const [cert, keyText] = await Promise.all([readFile(certificate), readFile(key)]);
  return { cert, key: keyText };
}

/** `node src/gateway.ts --data DIR [--store STORE] --listen HOST:PORT`; prints `gateway ready HOST:PORT` once it serves. */
async function main(): Promise<void> {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { data: string, store: string, listen: string, access: string, 'tls-cert': string, 'tls-key': string },
  });
  const { 'tls-cert': certificate, 'tls-key': key } = values;
  const listen = parseListen(values.listen ?? '127.0.0.1:7700');
  if (!listen) throw new Error(`${values.listen ?? ''} is not HOST:PORT`);
  const stop = new AbortController();
  // SIGHUP means: read the access file anew, where there is one.
  const ends = ['SIGTERM', 'SIGINT', ...(values.access === undefined ? ['SIGHUP'] : [])];
  for (const name of ends) process.on(name, () => stop.abort());
  const store = chooseStore(values.store, process.env);
  await runGateway({
    dataDir: values.data ?? process.env.SUPPLANT_DATA ?? '.supplant',
    ...(store === undefined ? {} : { store }),
    listen,
    ...(values.access === undefined ? {} : { accessFile: values.access }),
    ...(certificate !== undefined && key !== undefined ? { tls: { certificate, key } } : {}),
    signal: stop.signal,
    log: (level, message) => console.error(JSON.stringify({ at: new Date().toISOString(), level, message })),
    onReady: ({ host, port }) => console.log(`gateway ready ${host}:${port}`),
  });
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
}
