import { UnauthenticatedError } from './authenticator.ts';
import type { AccessAuthenticator, Identity, Presented } from './auth.ts';
import { readBearer } from './bearer.ts';
import { readCertificateEnd, readCertificateSubject } from './certificates.ts';
import type { AccessConfig } from './config.ts';
import { identifyCaller } from './identity.ts';
import { IssuerKeys, type IssuerTiming } from './issuer-keys.ts';
import { verifyJwt } from './jwt.ts';
import { findToken, isToken } from './tokens.ts';

/**
 * Knows callers by what an `access.yaml` says.
 *
 * A request with an Authorization header is judged by that alone: a wrong token is not made good by the certificate of
 * the machine it came from.
 */
export class ConfiguredAuthenticator implements AccessAuthenticator {
  readonly #timing: IssuerTiming;
  #config: AccessConfig;
  #keys: IssuerKeys | undefined;

  constructor(config: AccessConfig, timing: IssuerTiming) {
    this.#config = config;
    this.#timing = timing;
    this.#keys = config.jwt && new IssuerKeys(config.jwt, timing);
  }

  /** From the next request on, others may do other things. Keys that were fetched stay, where their issuer does. */
  replace(config: AccessConfig): void {
    if (!isSameIssuer(config.jwt, this.#config.jwt)) {
      this.#keys?.close();
      this.#keys = config.jwt && new IssuerKeys(config.jwt, this.#timing);
    }
    this.#config = config;
  }

  async authenticate(presented: Presented): Promise<Identity> {
    if (presented.authorization !== undefined) return this.#byBearer(readBearer(presented.authorization));
    return this.#byCertificate(presented);
  }

  async close(): Promise<void> {
    this.#keys?.close();
  }

  async #byBearer(token: string): Promise<Identity> {
    const { jwt, tokens } = this.#config;
    if (isToken(token) || !jwt || !this.#keys) {
      const { name, expires: until } = findToken(tokens, token);
      return identifyCaller(this.#config, { name: `token:${name}`, via: 'token', until });
    }
    const { name, groups, until } = await verifyJwt(token, jwt, this.#keys);
    return identifyCaller(this.#config, { name: `jwt:${name}`, via: 'jwt', groups, until });
  }

  #byCertificate({ certificate, certificateProblem }: Presented): Identity {
    const { certificates } = this.#config;
    if (certificate && certificates) {
      const name = readCertificateSubject(certificate, certificates.subject);
      const until = readCertificateEnd(certificate);
      return identifyCaller(this.#config, { name: `certificate:${name}`, via: 'certificate', until });
    }
    if (certificateProblem !== undefined && certificates) {
      throw new UnauthenticatedError(`the client certificate is not accepted: ${certificateProblem}`);
    }
    throw new UnauthenticatedError(`send ${this.#ways().join(' or ')}`);
  }

  #ways(): string[] {
    const { tokens, jwt, certificates } = this.#config;
    const token = tokens.length > 0 || jwt ? ["a token, as 'Authorization: Bearer TOKEN'"] : [];
    return certificates ? [...token, 'a client certificate'] : token;
  }
}

function isSameIssuer(one: AccessConfig['jwt'], other: AccessConfig['jwt']): boolean {
  return one?.issuer === other?.issuer && one?.jwks === other?.jwks;
}
