import type { AccessAuthenticator } from './auth.ts';
import { ConfiguredAuthenticator } from './configured.ts';
import type { AccessConfig } from './config.ts';
import { AccessConfigError } from './file/error.ts';
import { DEFAULT_ISSUER_TIMING, type IssuerTiming } from './issuer-keys.ts';
import { LocalAuthenticator, type LocalToken } from './local.ts';
import { isLoopback } from '../../host/loopback.ts';

/** What to write where nothing is written yet. */
export const EXAMPLE_ACCESS_FILE = `apiVersion: supplant.dev/v1
kind: Access
tokens:
  - name: ci
    hash: sha256:HASH
bindings:
  - subjects: [token:ci]
    role: deployer
    services: ['*/*']
`;

export interface ListenOptions {
  /** The address the gateway listens on: `127.0.0.1`, `0.0.0.0`, a name. */
  host: string;
  /** Whether it speaks TLS. */
  tls: boolean;
  /** What everybody has to show where there is no access file; only on loopback is that enough. */
  local?: LocalToken | undefined;
  issuerTiming?: Partial<IssuerTiming>;
}

/**
 * The authenticator for a gateway that listens there. Without access control anyone who may read the data folder's token may do
 * everything, as long as the gateway can be reached from this machine alone.
 *
 * @throws {AccessConfigError} when others could get in, or when callers could never prove who they are
 */
export function createAuthenticator(config: AccessConfig | undefined, options: ListenOptions): AccessAuthenticator {
  const { host, tls, local, issuerTiming } = options;
  if (config?.certificates && !tls) {
    throw new AccessConfigError(
      'clients show their certificates over TLS only: give the gateway a certificate and key',
    );
  }
  if (config) return new ConfiguredAuthenticator(config, { ...DEFAULT_ISSUER_TIMING, ...issuerTiming });
  if (isLoopback(host) && local) return new LocalAuthenticator(local);
  throw new AccessConfigError(
    `on ${host} others can reach the gateway, and nothing says who may do what; listen on 127.0.0.1, or give it an access ` +
      `file such as this, with the hash that 'supplant token create --name ci --role deployer' prints:\n\n` +
      EXAMPLE_ACCESS_FILE,
  );
}
