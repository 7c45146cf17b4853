import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Connection } from './auth.ts';
import type { AccessConfig } from './config.ts';

/** What the connection of a request says about its caller. */
export function readConnection(request: IncomingMessage | Http2ServerRequest): Connection {
  const { socket, headers } = request;
  const host = headers[':authority'] ?? headers.host;
  const problem = certificateProblem(socket);
  return {
    ...(socket.remoteAddress === undefined ? {} : { remoteAddress: socket.remoteAddress }),
    ...(typeof host === 'string' ? { host } : {}),
    ...(problem === undefined ? {} : { certificateProblem: problem }),
  };
}

/**
 * For the TLS server: clients are asked for a certificate where the configuration has an authority for them. Those without
 * one get to speak too, for they may bring a token instead; the authenticator refuses them if not.
 */
export function buildClientCertificateOptions({ certificates }: Pick<AccessConfig, 'certificates'>): {
  ca?: string;
  requestCert?: boolean;
  rejectUnauthorized?: boolean;
} {
  return certificates ? { ca: certificates.ca, requestCert: true, rejectUnauthorized: false } : {};
}

function certificateProblem(socket: IncomingMessage['socket'] | TLSSocket): string | undefined {
  if (!('authorized' in socket) || socket.authorized) return undefined;
  // Without a certificate there is an authorizationError as well, and this is an empty object.
  if (Object.keys(socket.getPeerCertificate()).length === 0) return undefined;
  return String(socket.authorizationError);
}
