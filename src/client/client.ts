import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { dataFolder } from '../data-folder.ts';
import { apiAddress, isHeld, readLease } from '../dev/lease.ts';
import { ApiError, type SupplantClient } from './api.ts';
import { type GatewayContext, contextsFile, readContexts } from './contexts.ts';
import type { TokenSource } from './remote-client.ts';

const HTTPS = /^https:\/\//;

export interface ConnectOptions {
  /** Where `supplant dev` may be running. */
  dataDir: string;
  /** One of the contexts in the contexts file. */
  context?: string;
  /** The process's own unless told. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Connects to a gateway: that of the context named, else the one `SUPPLANT_SERVER` names, else that of the `supplant dev`
 * which runs on the data folder, else that of the current context.
 * @throws ApiError UNAVAILABLE when there is none or it does not answer, INVALID when the contexts file is not right
 */
export async function connectClient(options: ConnectOptions): Promise<SupplantClient> {
  const gateway = await findGateway(options);
  const token = await tokenOf(gateway);
  const tls = await tlsOf(gateway);
  // Only now: nobody should wait for it to load to be told that there is nothing to connect to.
  const { connectRemote } = await import('./remote-client.ts');
  return connectRemote({
    address: gateway.server.replace(HTTPS, ''),
    ...(token === undefined ? {} : { token }),
    ...(tls ? { tls } : {}),
  });
}

/** Which gateway to talk to. */
export async function findGateway({ dataDir, context, env = process.env }: ConnectOptions): Promise<GatewayContext> {
  const file = contextsFile(env);
  const wanted = context ?? env.SUPPLANT_CONTEXT;
  if (wanted) return named(file, wanted);
  const { SUPPLANT_SERVER: server } = env;
  if (server) return fromEnvironment(server, env);
  const folder = dataFolder(dataDir);
  const lease = readLease(folder.lease);
  if (lease && isHeld(lease)) return { server: apiAddress(lease), ...tokenFrom(env) };
  const { current } = await readContexts(file);
  if (current !== undefined) return named(file, current);
  const what = existsSync(folder.root) ? `nothing runs on ${folder.root}` : `there is no data folder ${folder.root}`;
  throw new ApiError('UNAVAILABLE', what, {
    suggestion: 'start it with `supplant dev`, name another folder with --data, or a gateway with SUPPLANT_SERVER',
  });
}

async function named(file: string, name: string): Promise<GatewayContext> {
  const { contexts } = await readContexts(file);
  const found = contexts[name];
  if (found) return found;
  const known = Object.keys(contexts);
  throw new ApiError('INVALID', `there is no context ${name} in ${file}`, {
    suggestion: known.length === 0 ? 'it has none yet' : `there is ${known.join(', ')}`,
  });
}

function fromEnvironment(server: string, env: NonNullable<ConnectOptions['env']>): GatewayContext {
  const { SUPPLANT_TLS_CA: ca, SUPPLANT_TLS_CERT: cert, SUPPLANT_TLS_KEY: key } = env;
  return { server, ...tokenFrom(env), ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

function tokenFrom({ SUPPLANT_TOKEN: token, SUPPLANT_TOKEN_FILE: file }: NonNullable<ConnectOptions['env']>): {
  token?: string;
  tokenFile?: string;
} {
  if (token && file) throw new ApiError('INVALID', 'there is both SUPPLANT_TOKEN and SUPPLANT_TOKEN_FILE; keep one');
  return { ...(token ? { token } : {}), ...(file ? { tokenFile: resolve(file) } : {}) };
}

/** A file's is read before every request: whoever writes it may renew it. Once already here, to say at once what is wrong. */
async function tokenOf({ token, tokenFile: file }: GatewayContext): Promise<TokenSource | undefined> {
  if (file === undefined) return token;
  await readToken(file);
  return () => readToken(file);
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new ApiError('INVALID', `the token's file ${file} cannot be read (${code})`);
  }
}

/** Over TLS with an authority of one's own, or, for `https://HOST:PORT`, with those the system trusts. */
async function tlsOf({ server, ca, cert, key }: GatewayContext) {
  if (ca === undefined && !server.startsWith('https://')) return undefined;
  const read = async (path: string | undefined): Promise<Buffer | undefined> => (path ? readFile(path) : undefined);
  const [caText, certText, keyText] = await Promise.all([read(ca), read(cert), read(key)]);
  return {
    ...(caText ? { ca: caText } : {}),
    ...(certText ? { cert: certText } : {}),
    ...(keyText ? { key: keyText } : {}),
  };
}
