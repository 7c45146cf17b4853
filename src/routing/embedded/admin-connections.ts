import { readFile } from 'node:fs/promises';
import { Pool, buildConnector } from 'undici';
import type { AdminPlace, TlsPlace } from './admin-place.ts';
import { codeOf } from './faults.ts';
import { LIMITS } from './limits.ts';

/** Connections to the admin plane of one router. */
export function openAdminConnections(place: AdminPlace): Pool {
  const common = { keepAliveTimeout: LIMITS.adminIdleMs };
  if ('url' in place) return new Pool(place.url, { ...common, allowH2: false, connect: secureConnector(place) });
  const { socketPath } = place;
  return new Pool('http://router', { ...common, socketPath, connect: { timeout: LIMITS.connectMs } });
}

/** What proves who asks, where that is a token. */
export async function readToken(place: AdminPlace): Promise<string | undefined> {
  if (!('url' in place) || place.tokenFile === undefined) return undefined;
  const token = (await readFile(place.tokenFile, 'utf8')).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(`${place.tokenFile} holds no token: one line without spaces`);
}

/** Certificates are read for each connection: they are renewed while this process runs. */
function secureConnector({ caFile, pair }: TlsPlace): buildConnector.connector {
  const prepare = async (): Promise<buildConnector.connector> => {
    const read = async (path: string | undefined): Promise<Buffer | undefined> =>
      path === undefined ? undefined : readFile(path);
    const [ca, cert, key] = await Promise.all([read(caFile), read(pair?.certFile), read(pair?.keyFile)]);
    return buildConnector({
      allowH2: false,
      timeout: LIMITS.connectMs,
      ...(ca ? { ca } : {}),
      ...(cert && key ? { cert, key } : {}),
    });
  };
  return (options, callback) => {
    prepare().then(
      (connect) => connect(options, callback),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** What an error of TLS means here, and what would help; its own words where they are clear already. */
export function explainConnecting(error: unknown): string {
  const { message, reason } = (error instanceof Error ? error : new Error(String(error))) as Error & {
    reason?: string;
  };
  const hint = HINTS[codeOf(error)];
  // OpenSSL's messages have places in its sources; its reason is what people read.
  const said = reason ?? message;
  return hint === undefined ? said : `${said}: ${hint}`;
}

const UNTRUSTED = 'its certificate is not one of an authority that is trusted here; SUPPLANT_ROUTER_CA names one more';

const HINTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'the router’s certificate, or its authority’s, has to be renewed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'SUPPLANT_ROUTER has to name the router as its certificate does',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there does not speak TLS',
  EPROTO: 'what listens there does not speak TLS as this machine does',
};
