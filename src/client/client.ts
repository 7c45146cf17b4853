import { accessSync, constants, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type DataFolder, resolveDataFolder } from '../data-folder.ts';
import { formatApiAddress, isHeld, readLease } from '../host/dev-lease.ts';
import { ApiError, type SupplantClient } from '../contract/supplant-client.ts';
import { type GatewayContext, locateContexts, readContexts } from './contexts.ts';
import { readServer } from './server-address.ts';
import type { TokenSource } from './remote-client.ts';

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
  const { address, secure } = readServer(gateway.server);
  const tls = await tlsOf(gateway, secure);
  // Only now: nobody should wait for it to load to be told that there is nothing to connect to.
  const { connectRemote } = await import('./remote-client.ts');
  return connectRemote({
    address,
    ...(token === undefined ? {} : { token }),
    ...(tls ? { tls } : {}),
  });
}

type Environment = NonNullable<ConnectOptions['env']>;

/** Which gateway to talk to. */
export async function findGateway({ dataDir, context, env = process.env }: ConnectOptions): Promise<GatewayContext> {
  const file = locateContexts(env);
  const wanted = context ?? env.SUPPLANT_CONTEXT;
  if (wanted) return named(file, wanted);
  const here = runningHere(resolveDataFolder(dataDir));
  const { SUPPLANT_SERVER: server } = env;
  if (server) return fromEnvironment(server, env, here);
  if (here) return withToken(here, env);
  const { current } = await readContexts(file);
  if (current !== undefined) return named(file, current);
  throw new ApiError('UNAVAILABLE', whyNothing(resolveDataFolder(dataDir)), {
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

/** The gateway of the `supplant dev` that runs on a data folder, with the token it wants, unless it has an access file. */
function runningHere(folder: DataFolder): GatewayContext | undefined {
  const lease = readLease(folder.lease);
  if (!lease || !isHeld(lease)) return undefined;
  return {
    server: formatApiAddress(lease),
    ...(lease.api.accessFile === undefined ? { tokenFile: folder.token } : {}),
  };
}

function whyNothing({ root, lease }: DataFolder): string {
  if (!existsSync(root)) return `there is no data folder ${root}`;
  try {
    accessSync(root, constants.R_OK | constants.X_OK);
    if (existsSync(lease)) accessSync(lease, constants.R_OK);
    return `nothing runs on ${root}`;
  } catch {
    return `the data folder ${root} belongs to another user, who alone may read it`;
  }
}

function fromEnvironment(text: string, env: Environment, here: GatewayContext | undefined): GatewayContext {
  const { SUPPLANT_TLS_CA: ca, SUPPLANT_TLS_CERT: cert, SUPPLANT_TLS_KEY: key } = env;
  const { fault, address, secure } = readServer(text);
  if (fault !== undefined) throw new ApiError('INVALID', `SUPPLANT_SERVER=${text} ${fault}`);
  if (ca && !secure && /^http:/i.test(text)) {
    throw new ApiError('INVALID', `SUPPLANT_SERVER=${text} is in the clear, and SUPPLANT_TLS_CA is for TLS`, {
      suggestion: 'name https://HOST:PORT',
    });
  }
  // The token of what runs here goes to what runs here alone.
  if (here?.server === address && !secure && !ca) return withToken(here, env);
  const server = secure ? `https://${address}` : address;
  return { server, ...tokenFrom(env), ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

function withToken(gateway: GatewayContext, env: Environment): GatewayContext {
  const own = tokenFrom(env);
  return Object.keys(own).length === 0 ? gateway : { server: gateway.server, ...own };
}

function tokenFrom({ SUPPLANT_TOKEN: token, SUPPLANT_TOKEN_FILE: file }: Environment): {
  token?: string;
  tokenFile?: string;
} {
  if (token && file) throw new ApiError('INVALID', 'there is both SUPPLANT_TOKEN and SUPPLANT_TOKEN_FILE; keep one');
  return { ...(token ? { token } : {}), ...(file ? { tokenFile: resolve(file) } : {}) };
}

/** A file's is read before every request: anyone who writes it may renew it. Once already here, to say at once what is wrong. */
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
async function tlsOf({ ca, cert, key }: GatewayContext, secure: boolean) {
  if (ca === undefined && !secure) return undefined;
  const read = async (path: string | undefined): Promise<Buffer | undefined> => (path ? readFile(path) : undefined);
  const [caText, certText, keyText] = await Promise.all([read(ca), read(cert), read(key)]);
  return {
    ...(caText ? { ca: caText } : {}),
    ...(certText ? { cert: certText } : {}),
    ...(keyText ? { key: keyText } : {}),
  };
}
