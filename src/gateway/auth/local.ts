import type { Binding } from '../../domain/access.ts';
import { UnauthenticatedError } from './authenticator.ts';
import type { AccessAuthenticator, Identity, Presented } from './auth.ts';
import { readBearer } from './bearer.ts';
import type { StaticToken } from './config.ts';
import { identifyCaller } from './identity.ts';
import { isLoopback, isLoopbackHost } from '../../host/loopback.ts';
import { findToken, hashToken } from './tokens.ts';

const EVERYTHING: Binding = { subjects: ['*'], role: 'admin', services: ['*/*'] };

/** Who has the data folder's token, and where it is for those who may read it. */
export interface LocalToken {
  token: string;
  file: string;
}

/**
 * Without an access file: anyone who has the data folder's token may do everything, under the name they claim.
 *
 * That a request comes from this machine says nothing about who sent it: any of its users can send one, and so can a web
 * page in a browser. The Host header is looked at besides, so that a page whose name was rebound to 127.0.0.1 is refused
 * whatever it has got hold of.
 */
export class LocalAuthenticator implements AccessAuthenticator {
  readonly #tokens: StaticToken[];
  readonly #file: string;

  constructor({ token, file }: LocalToken) {
    this.#tokens = [{ name: 'local', hash: hashToken(token) }];
    this.#file = file;
  }

  async authenticate({ authorization, claimed, remoteAddress, host }: Presented): Promise<Identity> {
    if (remoteAddress !== undefined && !isLoopback(remoteAddress)) {
      throw new UnauthenticatedError('without an access file, only callers on the same machine are answered');
    }
    if (!isLoopbackHost(host)) {
      throw new UnauthenticatedError('without an access file, the host has to be 127.0.0.1, [::1] or localhost');
    }
    if (authorization === undefined) {
      throw new UnauthenticatedError(`send the token in ${this.#file}, as 'Authorization: Bearer TOKEN'`);
    }
    findToken(this.#tokens, readBearer(authorization));
    return identifyCaller({ bindings: [EVERYTHING], separateApprover: [] }, { name: claimed ?? 'local', via: 'local' });
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
