import { isTrustworthyUrl } from './urls.ts';

/**
 * Where the issuer's keys are, by OpenID Connect Discovery 1.0, section 4.
 *
 * @throws {Error} when the issuer does not answer, or with something else
 */
export async function discoverJwks(issuer: string, signal: AbortSignal): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  const found: unknown = await response.json();
  const { issuer: named, jwks_uri: jwks } = (found ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  // Section 4.3: otherwise one issuer could speak for another.
  if (named !== issuer) throw new Error(`${url} is about another issuer`);
  if (typeof jwks !== 'string' || !isTrustworthyUrl(jwks)) throw new Error(`${url} has no https jwks_uri`);
  return jwks;
}
